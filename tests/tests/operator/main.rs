//! Goal: an operator learns where each message is, what is known of a user, and who is connected, and nothing that is
//! nobody's business; and nobody else learns anything.
//! Method: the whole gateway over real sockets and its doors over HTTP. Most plays own the time; one is a run of
//! hundreds of messages in real time, whose senders and receivers write down what they see, and the two books are compared.

mod cast;
mod doors;
mod run;
mod trace;
