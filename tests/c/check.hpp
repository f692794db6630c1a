// What the test programs in C++ share.
#ifndef CHECK_HPP
#define CHECK_HPP

#include "sidetone.hpp"

#include <cstdio>
#include <cstdlib>

static int failures;

#define CHECK(holds)                                                         \
  do {                                                                       \
    if (!(holds)) {                                                          \
      std::fprintf(stderr, "line %d: not so: %s\n", __LINE__, #holds);       \
      ++failures;                                                            \
    }                                                                        \
  } while (0)

/// The next event of a kind; the others are dropped.
template <typename Holds>
sidetone::Event await(sidetone::Engine &engine, std::uint32_t kind, Holds holds) {
  while (auto event = engine.next_event(sidetone::Milliseconds(40000)))
    if (event->kind() == kind && holds(*event)) return *event;
  throw std::runtime_error("no event of kind " + std::to_string(kind));
}

inline sidetone::Event await(sidetone::Engine &engine, std::uint32_t kind) {
  return await(engine, kind, [](const sidetone::Event &) { return true; });
}

inline sidetone::Event await_state(sidetone::Engine &engine, sidetone::Call call,
                                   std::uint32_t state) {
  return await(engine, SIDETONE_EVENT_CALL,
               [&](const sidetone::Event &event) { return event.is_call(call, state); });
}

/// How a command went.
inline sidetone::Event await_reply(sidetone::Engine &engine, std::uint64_t request) {
  return await(engine, SIDETONE_EVENT_REPLY,
               [&](const sidetone::Event &event) { return event.is_reply_to(request); });
}

/// The status of what is thrown.
template <typename Function>
std::int32_t status_of(Function function) {
  try {
    function();
  } catch (const sidetone::Error &error) {
    return error.status();
  }
  return SIDETONE_OK;
}

#endif  // CHECK_HPP
