//! The two ways in which the platform writes a time.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

struct Civil {
    year: u64,
    month: u64,
    day: u64,
}

/// The date of a day since 1970, by the calendar's 400-year eras that begin in March.
fn civil(days: u64) -> Civil {
    let shifted = days + 719_468; // from 1 March of the year 0
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    Civil { year, month, day }
}

/// `16/Mar/2025:00:46:22 +0000`, as events have it.
pub(crate) fn request_time(ms: u64) -> String {
    let seconds = ms / 1000;
    let Civil { year, month, day } = civil(seconds / 86_400);
    let name = MONTHS
        .iter()
        .zip(1..)
        .find(|(_, number)| *number == month)
        .map_or("", |it| it.0);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{day:02}/{name}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// `2022-01-25T18:50:04.673Z`, as the management API has it.
pub(crate) fn iso8601(ms: u64) -> String {
    let seconds = ms / 1000;
    let Civil { year, month, day } = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let millis = ms % 1000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_the_platform_writes_them() {
        let cases = [
            (0, "01/Jan/1970:00:00:00 +0000", "1970-01-01T00:00:00.000Z"),
            (
                1_742_085_982_306,
                "16/Mar/2025:00:46:22 +0000",
                "2025-03-16T00:46:22.306Z",
            ),
            (
                951_827_696_789,
                "29/Feb/2000:12:34:56 +0000",
                "2000-02-29T12:34:56.789Z",
            ),
            (
                1_735_689_599_999,
                "31/Dec/2024:23:59:59 +0000",
                "2024-12-31T23:59:59.999Z",
            ),
        ];
        for (ms, request, iso) in cases {
            assert_eq!(
                (request_time(ms).as_str(), iso8601(ms).as_str()),
                (request, iso)
            );
        }
    }
}
