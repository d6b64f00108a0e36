//! What processes use, read in `/proc`: elsewhere nothing is known, and the report says nothing.

use crate::clock::Micros;

/// What a process has used, and uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Processor time, user and system, of all its threads.
    pub cpu: Micros,
    /// Memory that is resident.
    pub rss: u64,
}

/// What a process has used by now.
pub fn sample(pid: u32) -> Option<Sample> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(&stat, ticks_per_second(), page_bytes())
}

/// The machine's load average over one minute.
pub fn load_average() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// The process that listens on a port of this machine, where it may be seen.
pub fn listener(port: u16) -> Option<u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
        .map(|it| std::fs::read_to_string(it).unwrap_or_default());
    let inode = tables
        .iter()
        .find_map(|table| listening_inode(table, port))?;
    let wanted = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").ok()?;
    let mut pids = processes.filter_map(|it| it.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let Ok(open) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
            return false;
        };
        let mut links = open.filter_map(|it| std::fs::read_link(it.ok()?.path()).ok());
        links.any(|it| it.as_os_str() == wanted.as_str())
    })
}

/// Raises the bound on open files to what is allowed; false where so many are not.
pub fn allow_files(wanted: u64) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let current = limit.maximum;
        let raised = setrlimit(
            Resource::Nofile,
            Rlimit {
                current,
                maximum: current,
            },
        );
        let allowed = if raised.is_ok() {
            current
        } else {
            limit.current
        };
        allowed.is_none_or(|it| it >= wanted)
    }
    #[cfg(not(target_os = "linux"))]
    {
        // The system says so itself when there are too many.
        wanted > 0
    }
}

fn parse_stat(stat: &str, ticks_per_s: u64, page_bytes: u64) -> Option<Sample> {
    // The name, in parentheses, may contain anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    let ticks = number(11)? + number(12)?;
    Some(Sample {
        cpu: ticks * 1_000_000 / ticks_per_s,
        rss: number(21)? * page_bytes,
    })
}

fn listening_inode(table: &str, port: u16) -> Option<u64> {
    let ending = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(3) == Some(&"0A") && fields.get(1)?.ends_with(&ending);
        listens.then(|| fields.get(9)?.parse().ok()).flatten()
    })
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

#[cfg(target_os = "linux")]
fn page_bytes() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> u64 {
    100
}

#[cfg(not(target_os = "linux"))]
fn page_bytes() -> u64 {
    4_096
}

#[cfg(test)]
mod tests {
    use super::{Sample, listening_inode, parse_stat};

    #[test]
    fn a_stat_line_is_read_behind_whatever_the_name_is() {
        let stat = "42 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4 0 99 1000000 300 18446744073709551615";
        let sample = parse_stat(stat, 100, 4_096);
        assert_eq!(
            sample,
            Some(Sample {
                cpu: 2_000_000,
                rss: 300 * 4_096
            })
        );
        assert_eq!(parse_stat("42 (x", 100, 4_096), None);
    }

    #[test]
    fn a_listener_is_found_by_its_port_alone() {
        let table = "  sl  local_address rem_address st …\n\
            0: 0100007F:1F90 0100007F:C001 01 0:0 00:0 0 0 0 11 1\n\
            1: 0100007F:1F90 00000000:0000 0A 0:0 00:0 0 0 0 12 1\n";
        assert_eq!(listening_inode(table, 8080), Some(12));
        assert_eq!(listening_inode(table, 8081), None);
    }
}
