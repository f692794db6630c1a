// Calls. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_CALL_HPP
#define SIDETONE_CALL_HPP

#include "audio.hpp"
#include "message.hpp"

namespace sidetone {

/// A call of an engine: a handle to copy around. The engine has to outlive it; the call itself may be
/// gone, then the functions throw SIDETONE_ERR_STALE_ID. `request`, where it is given, gets the number
/// of the SIDETONE_EVENT_REPLY that tells how the command went.
class Call : public detail::Handle<Call> {
 public:
  using Handle::Handle;

  void ring(std::uint64_t *request = nullptr) { check(sidetone_call_ring(engine_, id_, request)); }

  void answer(const Headers &headers = {}, std::uint64_t *request = nullptr) {
    detail::HeaderList list(headers);
    sidetone_answer_options options{};
    check(sidetone_answer_options_init(&options, sizeof options));
    options.headers = list.get();
    check(sidetone_call_answer(engine_, id_, &options, request));
  }

  void reject(std::uint32_t sip_code, std::string_view reason = {},
              std::uint64_t *request = nullptr) {
    check(sidetone_call_reject(engine_, id_, sip_code, reason.data(), detail::length(reason),
                               request));
  }

  void hangup(std::uint64_t *request = nullptr) {
    check(sidetone_call_hangup(engine_, id_, request));
  }

  /// With a Reason header; an empty text is the usual words of the cause.
  void hangup_with(std::uint32_t q850_cause, std::string_view text = {},
                   std::uint64_t *request = nullptr) {
    check(sidetone_call_hangup_with(engine_, id_, q850_cause, text.empty() ? nullptr : text.data(),
                                    detail::length(text), request));
  }

  void progress(std::uint64_t *request = nullptr) {
    check(sidetone_call_progress(engine_, id_, request));
  }

  void hold(std::uint64_t *request = nullptr) { check(sidetone_call_hold(engine_, id_, request)); }

  void resume(std::uint64_t *request = nullptr) {
    check(sidetone_call_resume(engine_, id_, request));
  }

  /// What the far end hears while it is held; empty: silence.
  void hold_music(std::string_view path, std::uint64_t *request = nullptr) {
    check(sidetone_call_hold_music(engine_, id_, path.data(), detail::length(path), request));
  }

  void mute(bool muted, std::uint64_t *request = nullptr) {
    check(sidetone_call_mute(engine_, id_, muted ? 1u : 0u, request));
  }

  void gain(float send_db, float receive_db, std::uint64_t *request = nullptr) {
    check(sidetone_call_gain(engine_, id_, send_db, receive_db, request));
  }

  /// Lets `to` hear what this call says.
  void route_to(Call to, float gain_db = 0, std::uint64_t *request = nullptr) {
    check(sidetone_call_route(engine_, id_, to.id_, gain_db, request));
  }

  void unroute_from(Call to, std::uint64_t *request = nullptr) {
    check(sidetone_call_unroute(engine_, id_, to.id_, request));
  }

  void dtmf(std::string_view digits, std::uint32_t duration_ms = 0,
            std::uint64_t *request = nullptr) {
    check(sidetone_call_dtmf(engine_, id_, digits.data(), detail::length(digits), duration_ms,
                             request));
  }

  /// Blind; `silent`: the far end is not to tell how it goes.
  void transfer(std::string_view target, bool silent = false, std::uint64_t *request = nullptr) {
    check(sidetone_call_transfer(engine_, id_, target.data(), detail::length(target),
                                 silent ? 1u : 0u, request));
  }

  /// Attended: connects the far ends of two calls.
  void transfer_to(Call other, std::uint64_t *request = nullptr) {
    check(sidetone_call_transfer_to(engine_, id_, other.id_, request));
  }

  void accept_transfer(std::uint64_t *request = nullptr) {
    check(sidetone_call_transfer_accept(engine_, id_, request));
  }

  void reject_transfer(std::uint64_t *request = nullptr) {
    check(sidetone_call_transfer_reject(engine_, id_, request));
  }

  /// Sends the caller elsewhere.
  void redirect(std::string_view target, std::uint64_t *request = nullptr) {
    check(sidetone_call_redirect(engine_, id_, target.data(), detail::length(target), request));
  }

  /// Decides on a redirect that SIDETONE_EVENT_REDIRECTED asked about.
  void follow_redirect(bool follow, std::uint64_t *request = nullptr) {
    check(sidetone_call_redirect_follow(engine_, id_, follow ? 1u : 0u, request));
  }

  /// Headers of our messages of a kind, SIDETONE_MESSAGE_*, from now on.
  void set_headers(std::uint32_t message, const Headers &headers,
                   std::uint64_t *request = nullptr) {
    detail::HeaderList list(headers);
    sidetone_headers raw = list.get();
    check(sidetone_call_headers_set(engine_, id_, message, &raw, request));
  }

  /// A message in the dialog of the call; a body without a type is text.
  void send_message(const Body &body, std::uint64_t *request = nullptr) {
    detail::send_message(engine_, id_, {}, body, request);
  }

  void send_request(const SipRequest &sip, std::uint64_t *request = nullptr) {
    detail::send_request(engine_, id_, {}, sip, request);
  }

  void play(std::string_view path, bool repeat = false, float gain_db = 0,
            std::uint64_t *request = nullptr) {
    sidetone_play_options options{};
    check(sidetone_play_options_init(&options, sizeof options));
    options.repeat = repeat ? 1u : 0u;
    options.gain_db = gain_db;
    check(sidetone_call_play(engine_, id_, path.data(), detail::length(path), &options, request));
  }

  void stop_playing(std::uint64_t *request = nullptr) {
    check(sidetone_call_play_stop(engine_, id_, request));
  }

  void record(std::string_view path, std::uint64_t *request = nullptr) {
    check(sidetone_call_record(engine_, id_, path.data(), detail::length(path), request));
  }

  /// What is said from now on is left out of the recording.
  void pause_recording(std::uint64_t *request = nullptr) {
    check(sidetone_call_record_pause(engine_, id_, request));
  }

  void resume_recording(std::uint64_t *request = nullptr) {
    check(sidetone_call_record_resume(engine_, id_, request));
  }

  void stop_recording(std::uint64_t *request = nullptr) {
    check(sidetone_call_record_stop(engine_, id_, request));
  }

  void capture(std::string_view path, std::uint64_t *request = nullptr) {
    check(sidetone_call_capture(engine_, id_, path.data(), detail::length(path), request));
  }

  void stop_capture(std::uint64_t *request = nullptr) {
    check(sidetone_call_capture_stop(engine_, id_, request));
  }

  Tap tap(const TapOptions &options = {}) {
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_tap_open(engine_, id_, &options.values, &id));
    return Tap(engine_, id);
  }

  Injection inject(const InjectOptions &options = {}) {
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_inject_open(engine_, id_, &options.values, &id));
    return Injection(engine_, id);
  }

  sidetone_call_info info() const {
    return detail::read_values<sidetone_call_info>(
        [&](sidetone_call_info *info) { return sidetone_call_info_read(engine_, id_, info); });
  }

  sidetone_call_stats stats() const {
    return detail::read_values<sidetone_call_stats>(
        [&](sidetone_call_stats *stats) { return sidetone_call_stats_read(engine_, id_, stats); });
  }

  /// SIDETONE_CALL_TEXT_*.
  std::string text(std::uint32_t which) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_call_text_read(engine_, id_, which, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

  /// A header of the far end's latest INVITE or final response.
  std::optional<std::string> header(std::string_view name) const {
    return detail::read_text([&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_call_header_read(engine_, id_, name.data(), detail::length(name), buffer,
                                       capacity, needed);
    });
  }

  /// A header of the far end's last message of a kind, SIDETONE_MESSAGE_*.
  std::optional<std::string> header_of(std::uint32_t message, std::string_view name,
                                       std::uint32_t index = 0) const {
    return detail::read_text([&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_call_message_header_read(engine_, id_, message, name.data(),
                                               detail::length(name), index, buffer, capacity,
                                               needed);
    });
  }

  /// What an INVITE tells of its caller, SIDETONE_IDENTITY_*.
  std::optional<std::string> identity(std::uint32_t which, std::uint32_t index = 0) const {
    return detail::read_text([&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_call_identity_read(engine_, id_, which, index, buffer, capacity, needed);
    });
  }

  /// What the caller wants withheld, SIDETONE_PRIVACY_*, added up.
  std::uint32_t privacy() const {
    std::uint32_t privacy = 0;
    check(sidetone_call_privacy_read(engine_, id_, &privacy));
    return privacy;
  }
};

}  // namespace sidetone

#endif  // SIDETONE_CALL_HPP
