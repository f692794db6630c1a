// Bodies, multipart and not, and requests of the host's own. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_MESSAGE_HPP
#define SIDETONE_MESSAGE_HPP

#include "base.hpp"

namespace sidetone {

/// Octets with their media type.
struct Body {
  std::string content_type, octets;
};

/// The parts of a body; none when it is not multipart.
inline std::vector<Body> read_multipart(const Body &body) {
  const std::string &type = body.content_type, &octets = body.octets;
  auto bytes = static_cast<std::uint32_t>(detail::length(octets));
  std::uint32_t count = 0;
  check(sidetone_multipart_count(type.data(), detail::length(type), octets.data(), bytes, &count));
  std::vector<Body> parts;
  for (std::uint32_t index = 0; index < count; ++index) {
    std::uint32_t offset = 0, length = 0;
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_multipart_read(type.data(), detail::length(type), octets.data(), bytes, index,
                                     &offset, &length, "Content-Type", -1, buffer, capacity,
                                     needed);
    };
    std::string part_type = detail::read_text(read).value_or("");
    parts.push_back({std::move(part_type), octets.substr(offset, length)});
  }
  return parts;
}

/// Parts put together: multipart/mixed, with a boundary that none of them has.
inline Body write_multipart(const std::vector<Body> &parts) {
  std::vector<sidetone_body_part> raw(parts.size());
  for (std::size_t index = 0; index < parts.size(); ++index) {
    raw[index].content_type = detail::borrow(parts[index].content_type);
    raw[index].body = detail::borrow(parts[index].octets);
  }
  auto count = static_cast<std::uint32_t>(raw.size());
  char type[128] = "";
  std::uint32_t needed = 0;
  check(sidetone_multipart_write(raw.data(), count, type, sizeof type, nullptr, 0, &needed));
  std::string octets(needed, '\0');
  check(sidetone_multipart_write(raw.data(), count, type, sizeof type, octets.data(), needed,
                                 &needed));
  return {type, std::move(octets)};
}

/// A request of the host's own; see sidetone_sip_request.
struct SipRequest {
  std::string method;
  Body body;
  Headers headers;
};

/// An answer to a request of SIDETONE_EVENT_REQUEST.
struct SipAnswer {
  std::uint32_t sip_code = 200;
  std::string reason;
  Body body;
  Headers headers;
};

namespace detail {

/// `from`: an account, a call, or none.
inline void send_message(sidetone_engine *engine, std::uint64_t from, std::string_view uri,
                         const Body &body, std::uint64_t *request) {
  const std::string &type = body.content_type;
  check(sidetone_message_send(engine, from, uri.data(), length(uri),
                              type.empty() ? nullptr : type.data(), length(type),
                              body.octets.data(), static_cast<std::uint32_t>(length(body.octets)),
                              request));
}

/// `from`: an account, a call, or none.
inline void send_request(sidetone_engine *engine, std::uint64_t from, std::string_view uri,
                         const SipRequest &sip, std::uint64_t *request) {
  HeaderList headers(sip.headers);
  sidetone_sip_request raw{};
  check(sidetone_sip_request_init(&raw, sizeof raw));
  raw.method = borrow(sip.method);
  borrow_into(raw.content_type, sip.body.content_type);
  borrow_into(raw.body, sip.body.octets);
  raw.headers = headers.get();
  check(sidetone_request_send(engine, from, uri.data(), length(uri), &raw, request));
}

inline void answer_request(sidetone_engine *engine, std::uint64_t transaction,
                           const SipAnswer &answer, std::uint64_t *request) {
  HeaderList headers(answer.headers);
  sidetone_sip_answer raw{};
  check(sidetone_sip_answer_init(&raw, sizeof raw));
  raw.sip_code = answer.sip_code;
  borrow_into(raw.reason, answer.reason);
  borrow_into(raw.content_type, answer.body.content_type);
  borrow_into(raw.body, answer.body.octets);
  raw.headers = headers.get();
  check(sidetone_request_answer(engine, transaction, &raw, request));
}

}  // namespace detail

}  // namespace sidetone

#endif  // SIDETONE_MESSAGE_HPP
