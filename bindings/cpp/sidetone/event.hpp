// Events. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_EVENT_HPP
#define SIDETONE_EVENT_HPP

#include "account.hpp"
#include "call.hpp"

namespace sidetone {

/// An event, with texts of its own. Which fields a kind has is told at SIDETONE_EVENT_*.
struct Event {
  /// The numbers; its texts are not valid any more.
  sidetone_event values{};
  std::string text, from, display_name, to, path, loudspeaker, microphone;
  std::string reason, activity, method;
  Body body;
  /// Every header line of the message behind it.
  Headers headers;

  explicit Event(const sidetone_event &event)
      : values(event),
        text(detail::copy(event.text)),
        from(detail::copy(event.from)),
        display_name(detail::copy(event.display_name)),
        to(detail::copy(event.to)),
        path(detail::copy(event.path)),
        loudspeaker(detail::copy(event.loudspeaker)),
        microphone(detail::copy(event.microphone)),
        reason(detail::copy(event.reason)),
        activity(detail::copy(event.activity)),
        method(detail::copy(event.method)),
        body{detail::copy(event.content_type), detail::copy(event.body)},
        headers(detail::copy(event.headers)) {
    for (sidetone_text *borrowed :
         {&values.text, &values.from, &values.display_name, &values.to, &values.path,
          &values.loudspeaker, &values.microphone, &values.reason, &values.activity,
          &values.method, &values.content_type, &values.body})
      *borrowed = sidetone_text{};
    values.headers = sidetone_headers{};
  }

  std::uint32_t kind() const noexcept { return values.kind; }
  std::uint32_t state() const noexcept { return values.state; }

  /// The first header of that name, as it is written in the message.
  std::optional<std::string> header(std::string_view name) const {
    for (const auto &[own, value] : headers)
      if (own == name) return value;
    return std::nullopt;
  }

  /// Whether a call is now in a state (SIDETONE_CALL_*).
  bool is_call(Call call, std::uint32_t state) const noexcept {
    return values.kind == SIDETONE_EVENT_CALL && values.call == call.id() && values.state == state;
  }

  bool is_end_of(Call call) const noexcept { return is_call(call, SIDETONE_CALL_ENDED); }

  /// Whether it is the reply to a command that was given `request`.
  bool is_reply_to(std::uint64_t request) const noexcept {
    return values.kind == SIDETONE_EVENT_REPLY && values.request == request;
  }
};

}  // namespace sidetone

#endif  // SIDETONE_EVENT_HPP
