//! What was consumed, by action, and what it costs.

use super::Site;
use super::metrics::Text;
use crate::meter::{NOBODY, Reading, SPENT_ON, Unit};

/// The units by action, then the dollars by action and what they are for, all since the start.
pub(super) fn tell(site: &Site, text: &mut Text) {
    let accounts = accounts(site);
    for unit in Unit::ALL {
        let name = unit.name();
        text.line(format_args!(
            "# TYPE switchboard_consumed_{name}_total counter"
        ));
        for (action, _, reading) in &accounts {
            let count = reading.of(unit);
            text.line(format_args!(
                "switchboard_consumed_{name}_total{{action=\"{action}\"}} {count}"
            ));
        }
    }
    text.line(format_args!("# TYPE switchboard_dollars_total counter"));
    for (action, memory_mb, reading) in &accounts {
        let dollars = site.prices.dollars(reading, *memory_mb);
        for (spent_on, dollars) in SPENT_ON.iter().zip(dollars) {
            text.line(format_args!(
                "switchboard_dollars_total{{action=\"{action}\",for=\"{spent_on}\"}} {dollars}"
            ));
        }
    }
    let (region, date) = (&site.prices.region, &site.prices.date);
    text.line(format_args!("# TYPE switchboard_prices gauge"));
    text.line(format_args!(
        "switchboard_prices{{region={region:?},date={date:?}}} 1"
    ));
}

/// Each account with the memory of its function and what it consumed.
fn accounts(site: &Site) -> Vec<(String, u64, Reading)> {
    let accounts = site.api.meter().read();
    let accounts = accounts.map(|(action, reading)| {
        // Whatever is not a function of its own is an action, which `message` serves.
        let function = [action, "message"]
            .iter()
            .find_map(|name| site.memory_mb.get(*name));
        let reading = if action == NOBODY {
            reading.and(Unit::ConnectionMs, site.api.connection_ms())
        } else {
            reading
        };
        (action.to_owned(), function.copied().unwrap_or(0), reading)
    });
    accounts.collect()
}
