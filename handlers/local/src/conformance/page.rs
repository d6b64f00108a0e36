//! The page that explains the kit: what to do, the plays, the rules.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::conformance::play::Play;
use crate::conformance::rule::Rule;

const HOW: &str = r#"
What it does
  A scripted gateway for authors of clients. Each play below has a path of its own, goes wrong in its own way, and
  says which rule of the protocol your client broke.

How to be judged
  1. Write an app of three lines on top of your client, the same for every play. When the client shows a text entry
     of somebody else
       "send X"    send the text X to that conversation, through the client, once
       "report"    send a body of what your client shows of the conversation, in the order in which it is shown:
                   {"kind":"custom","type":"conformance.report","data":{"shown":[[seq,"the text as shown"],…]}}
                   A deleted entry is left out, or shown as "deleted"; entries of other kinds may be left out, or
                   shown as their kind. What has no seq yet is left out.
     Everything else is your client's own doing: connecting, resending, syncing, confirming.
  2. Point the client at ws://ADDRESS/PLAY?device=phone-1 with a token of any user. Every handshake's token is asked for
     anew from a token callback, if your client has one:
       POST http://ADDRESS/PLAY/token  {"user":"alice","role":"customer"}  →  {"token":…,"expires_at":…}
     Begin each play with an empty device: no cursors, no outbox.
  3. Ask for the verdict; `wait` is for how many seconds the answer may wait for the play's end:
       GET http://ADDRESS/PLAY/verdict?wait=120
       →  {"play":…,"run":1,"done":true,"passed":false,"broken":[{"rule":…,"why":…,"at":…}],"transcript":[…]}
     A play begins with the first handshake. It ends when its script does, or when what it waits for does not come.
     DELETE http://ADDRESS/PLAY, or a handshake after the end, begins it anew.
  Plays do not know of each other: run them one after the other, or all at once.
"#;

/// The page.
pub(crate) fn text(plays: &[&'static Play], address: SocketAddr) -> String {
    let mut page = String::from("Switchboard: client conformance\n");
    page.push_str(&HOW.replace("ADDRESS", &address.to_string()));
    page.push_str("\nPlays\n");
    for play in plays {
        let rules: Vec<&str> = play.judges.iter().map(|it| it.id()).collect();
        line(&mut page, &format!("  {}", play.name));
        line(&mut page, &format!("      {}", play.about));
        line(&mut page, &format!("      judges: {}", rules.join(", ")));
    }
    page.push_str("\nRules (each holds in every play where it can be told)\n");
    for rule in Rule::ALL {
        line(&mut page, &format!("  {} ({})", rule.id(), rule.section()));
        line(&mut page, &format!("      {}", rule.sentence()));
    }
    page
}

fn line(page: &mut String, text: &str) {
    if writeln!(page, "{text}").is_err() {
        tracing::debug!("a text has room for another line");
    }
}
