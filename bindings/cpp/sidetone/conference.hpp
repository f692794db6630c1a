// Conferences. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_CONFERENCE_HPP
#define SIDETONE_CONFERENCE_HPP

#include "call.hpp"

namespace sidetone {

/// A conference of an engine: a handle to copy around, which destroys nothing at its end. The engine has
/// to outlive it. Each `request` gets the number of the SIDETONE_EVENT_REPLY that tells how it went.
class Conference : public detail::Handle<Conference> {
 public:
  using Handle::Handle;

  /// Its calls go on, each alone with our user.
  void destroy(std::uint64_t *request = nullptr) {
    check(sidetone_conference_destroy(engine_, id_, request));
  }

  void add(Call call, std::uint64_t *request = nullptr) {
    check(sidetone_conference_add(engine_, id_, call.id(), request));
  }

  void remove(Call call, std::uint64_t *request = nullptr) {
    check(sidetone_conference_remove(engine_, id_, call.id(), request));
  }

  /// How loud `to` hears `from`, in dB; minus infinity is silence. Nothing: our own user.
  void gain(std::optional<Call> from, std::optional<Call> to, float gain_db,
            std::uint64_t *request = nullptr) {
    check(sidetone_conference_gain(engine_, id_, from ? from->id() : SIDETONE_ID_NONE,
                                   to ? to->id() : SIDETONE_ID_NONE, gain_db, request));
  }

  std::vector<Call> calls() const {
    std::vector<Call> calls;
    auto read = [&](std::uint64_t *ids, std::uint32_t capacity, std::uint32_t *count) {
      return sidetone_conference_calls(engine_, id_, ids, capacity, count);
    };
    for (std::uint64_t id : detail::read_ids(read)) calls.emplace_back(engine_, id);
    return calls;
  }
};

}  // namespace sidetone

#endif  // SIDETONE_CONFERENCE_HPP
