//! The API Gateway stand-in over real sockets, with scripted functions and a clock that stands
//! still until a test moves it.

mod clock;
mod closing;
mod handshake;
mod management;
mod messages;
mod pace;
mod script;
mod stage;
