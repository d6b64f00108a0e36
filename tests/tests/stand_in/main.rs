//! Goal: what was documented or seen of API Gateway's WebSocket APIs holds of the local stand-in.
//! Method: real sockets, scripted functions, and a clock that stands still until a test moves it.
//!
//! Each test's documentation has its source. `DG` is API Gateway's developer guide, whose page `x` is
//! `https://docs.aws.amazon.com/apigateway/latest/developerguide/x.html`; `owner/name#1` is an issue on GitHub,
//! `owner/name` a repository. Where nothing was found, it says so.
//! What a frame may be, byte by byte, is the suite `rfc6455`; what the SDK makes of the management API, `management`.
//!
//! | | the platform | tests |
//! |---|---|---|
//! | 1 | A handshake is the authorizer's (401, 403, 500), then `$connect`'s: 2xx connects, another status is passed on, a failure is 502. The subprotocol is the function's. Without the route everybody is accepted. A plain GET is 426. | `handshake::the_authorizer_decides_first_with_401_403_or_500` `handshake::the_connect_function_s_status_is_passed_on_and_its_failure_is_502` `handshake::the_subprotocol_is_echoed_from_the_function_alone_and_any_2xx_connects` `handshake::a_subprotocol_that_no_function_chose_is_not_echoed` `handshake::without_a_connect_route_everybody_is_accepted` `handshake::a_plain_request_is_426_and_what_is_no_handshake_is_refused` `handshake::an_authorizer_that_says_too_much_is_500_and_a_connect_that_takes_29_s_is_504` |
//! | 2 | An id is 15 base64url characters and `=`, and can be posted to after the 101 only. | `events::a_connection_id_is_15_base64url_characters_and_padding_and_never_comes_again` `management::a_post_before_the_101_is_410` |
//! | 3 | Text only: binary is 1003, a frame above 32 KiB or a message above 128 KiB 1009. Fragments are put together, control frames not routed. | `closing::binary_closes_with_1003_too_long_with_1009_and_what_is_malformed_with_its_code` `closing::fragments_within_the_limits_are_one_message` `closing::control_frames_are_answered_and_not_routed` |
//! | 4 | Events have the platform's fields: what is absent there is absent, and messages carry no headers. | `events::the_events_of_a_handshake_are_the_platforms` `events::without_query_agent_and_authorizer_nothing_stands_for_them` `events::a_frame_s_event_has_no_headers_and_its_reply_is_a_frame` `events::the_event_of_a_disconnect_is_the_platforms_and_a_lost_socket_is_1006` |
//! | 5 | Selection is exact on the stringified action. Error frames are told byte by byte, and the connection survives them. | `messages::selection_is_exact_and_stringified_and_what_is_missing_goes_to_default` `messages::a_frame_without_a_route_is_told_forbidden` `messages::failures_are_internal_server_error_frames_on_both_kinds_of_routes` `messages::the_connection_survives_every_error_frame` |
//! | 6 | A route without a route response says nothing. | `messages::one_way_routes_discard_what_the_function_says` |
//! | 7 | Frames of one connection run at once and overtake each other; one after the other by a switch. | `messages::frames_of_a_connection_run_at_once_and_are_answered_in_any_order` `messages::in_serial_mode_a_frame_waits_for_the_one_before` `messages::no_more_frames_are_read_than_may_be_in_flight` |
//! | 8 | `@connections`: POST, GET, DELETE; an empty 410, 403, 413, 429, each with its name in a header; encoded paths, with and without the stage; signed for `execute-api`. | `management::a_post_is_200_with_an_empty_body_and_arrives_as_text` `management::a_post_of_128_kib_arrives_whole_and_a_longer_one_is_413_with_json` `management::get_describes_a_connection_in_lower_camel_case` `management::a_deleted_connection_hears_1000_without_a_reason_and_is_gone_with_an_empty_410` `management::calls_are_signed_for_execute_api_and_paths_decoded` `management::a_path_of_another_stage_is_403_and_named` |
//! | 9 | Ten idle minutes and two hours end in 1001 "Going away"; 29 s of a function in an error frame. | `pace::ten_idle_minutes_close_with_1001_going_away_and_pings_do_not_count` `pace::frames_of_both_directions_are_activity` `pace::two_hours_close_with_1001_going_away_whatever_happens` `messages::after_29_s_a_frame_is_told_endpoint_request_timed_out` |
//! | 10 | `$disconnect` is told code and reason; it waits for nothing, comes late or never, and only where there was a connection. | `closing::a_client_s_close_is_told_as_1005_with_a_reason_or_with_its_own_code` `closing::a_disconnect_overtakes_what_is_in_flight` `handshake::a_client_that_leaves_early_is_disconnected` `handshake::a_refused_handshake_has_no_disconnect` `chaos::disconnects_can_be_lost` `chaos::disconnects_can_be_ten_minutes_late_and_come_after_the_next_connection` |
//! | 11 | 500 handshakes a second, then 429. 10,000 frames and calls together, 5,000 at once, then an error frame or 429. A slow reader is 429 too. | `quotas::the_bounds_are_the_platform_s_quotas` `quotas::the_501st_handshake_of_a_second_is_429` `quotas::handshakes_above_the_rate_are_429` `quotas::the_5001st_request_at_once_is_refused_whether_frame_or_post` `quotas::frames_and_posts_share_one_bucket` `quotas::a_slow_reader_gets_429_and_costs_nobody_else` |
//! | 12 | Bad days by a switch: a close for maintenance, a peer that is half open, a `$disconnect` that comes twice, a shutdown. | `chaos::a_connection_can_be_closed_with_1001_at_any_moment` `chaos::a_half_open_peer_hears_nothing_and_posts_succeed` `chaos::disconnects_can_come_twice` `closing::a_shutdown_says_going_away_and_waits_for_disconnects` `closing::nobody_holds_a_shutdown_for_ever` |

mod chaos;
mod clock;
mod closing;
mod events;
mod handshake;
mod management;
mod messages;
mod pace;
mod quotas;
mod script;
mod sources;
mod stage;
