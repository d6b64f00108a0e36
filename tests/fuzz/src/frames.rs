//! RFC 6455 as a strict client reads it: what a server may send, and nothing else.

/// What a server's bytes were.
#[derive(Debug, Default)]
pub struct Heard {
    /// The text messages.
    pub texts: Vec<String>,
    /// The close frame's code, 1005 where it has none.
    pub closed: Option<u16>,
}

/// Reads a server's bytes after its 101; they may end anywhere. Panics where they are not what a server may send.
pub fn heard(mut bytes: &[u8]) -> Heard {
    let (mut heard, mut message): (Heard, Option<Vec<u8>>) = (Heard::default(), None);
    while let Some((head, payload, rest)) = frame(bytes) {
        assert_eq!(heard.closed, None, "a frame after the close frame");
        assert_eq!(
            head & 0b0111_0000,
            0,
            "a reserved bit that was not agreed upon"
        );
        let (last, opcode) = (head & 0x80 != 0, head & 0x0f);
        if opcode >= 8 {
            assert!(last && payload.len() <= 125, "a control frame in pieces");
        }
        match opcode {
            0 => message
                .as_mut()
                .expect("a continuation of nothing")
                .extend(payload),
            1 => assert_eq!(
                message.replace(payload.to_vec()),
                None,
                "a message within a message"
            ),
            8 => heard.closed = Some(close_code(payload)),
            9 | 10 => {}
            _ => panic!("a frame of opcode {opcode}"),
        }
        if last && opcode < 8 {
            let text = String::from_utf8(message.take().unwrap_or_default());
            heard.texts.push(text.expect("a text is UTF-8"));
        }
        bytes = rest;
    }
    heard
}

/// A whole frame's first byte, its payload, and what follows.
fn frame(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first()?;
    let (len, rest) = rest.split_first()?;
    assert_eq!(len & 0x80, 0, "a server masks nothing");
    let (len, rest) = match len {
        126 => {
            let (len, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*len)), rest)
        }
        127 => {
            let (len, rest) = rest.split_first_chunk()?;
            (usize::try_from(u64::from_be_bytes(*len)).ok()?, rest)
        }
        len => (usize::from(*len), rest),
    };
    let (payload, rest) = rest.split_at_checked(len)?;
    Some((*head, payload, rest))
}

fn close_code(payload: &[u8]) -> u16 {
    if payload.is_empty() {
        return 1005;
    }
    let (code, reason) = payload.split_first_chunk().expect("a code has two bytes");
    let code = u16::from_be_bytes(*code);
    let may_be_said = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    assert!(may_be_said, "a close frame of {code}");
    assert!(str::from_utf8(reason).is_ok(), "a reason is UTF-8");
    code
}
