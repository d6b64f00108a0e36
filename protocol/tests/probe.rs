//! probe
#![cfg(test)]
use switchboard_protocol::*;
#[test]
fn probe() {
    let mut x: u64 = 88172645463325252;
    let mut found = 0; let mut tried=0;
    while found < 5 {
        x ^= x << 13; x ^= x >> 7; x ^= x << 17;
        let f = (x >> 11) as f64 / (1u64 << 53) as f64 * 180.0 - 90.0;
        tried+=1;
        let text = format!("{f}");
        let frame = format!(r#"{{"action":"send","conversation":"01JD8Z3KQ5W9T0000000000001","id":"01JD8Z5A7XG4N000000000000H","after":46,"body":{{"kind":"custom","type":"location","data":{{"lat":{text}}}}}}}"#);
        let Action::Send(s) = ClientFrame::parse(&frame).unwrap().action else { panic!() };
        let stored = s.body.to_json();
        let back = Body::from_stored(&stored).unwrap();
        if back != s.body { found += 1; println!("{text} -> {stored} -> {}", back.to_json()); }
    }
    println!("tried {tried}");
}
