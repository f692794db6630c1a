// sidetone.hpp - C++17 over sidetone.h: engines that clean up after themselves, strings, exceptions.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Header-only: nothing of the C++ library crosses the boundary of the shared library. What functions
// do, and which errors they give, is told in sidetone.h; here a negative status becomes an Error.
//
//   sidetone::Engine engine;
//   sidetone::Call call = engine.dial("sip:bob@192.0.2.7");
//   while (auto event = engine.next_event())
//     if (event->is_end_of(call)) break;
#ifndef SIDETONE_HPP
#define SIDETONE_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidetone.h"

namespace sidetone {

using Milliseconds = std::chrono::duration<std::int32_t, std::milli>;

/// A call of the library that failed.
class Error : public std::runtime_error {
 public:
  Error(std::int32_t status, const std::string &text)
      : std::runtime_error(text.empty() ? sidetone_strerror(status) : text), status_(status) {}

  /// SIDETONE_ERR_*.
  std::int32_t status() const noexcept { return status_; }

 private:
  std::int32_t status_;
};

/// Throws what the library says about a failure; gives a success back.
inline std::int32_t check(std::int32_t status) {
  if (status >= 0) return status;
  std::uint32_t needed = 0;
  sidetone_last_error(nullptr, 0, &needed);
  std::string text(needed, '\0');
  sidetone_last_error(text.data(), needed, nullptr);
  if (!text.empty()) text.pop_back();
  throw Error(status, text);
}

namespace detail {

/// Borrows text for as long as `text` lives.
inline sidetone_text borrow(const std::string &text) {
  sidetone_text borrowed{};
  borrowed.data = text.data();
  borrowed.length = static_cast<std::int32_t>(text.size());
  return borrowed;
}

inline std::string copy(const sidetone_text &text) {
  return std::string(text.data, static_cast<std::size_t>(text.length));
}

inline std::int32_t length(std::string_view text) { return static_cast<std::int32_t>(text.size()); }

/// A text that `read(buffer, capacity, needed)` copies out; nothing when there is none.
template <typename Read>
std::optional<std::string> read_text(Read read) {
  std::uint32_t needed = 0;
  std::string text(128, '\0');
  std::int32_t status = read(text.data(), static_cast<std::uint32_t>(text.size()), &needed);
  while (status == SIDETONE_ERR_TOO_SMALL) {
    text.resize(needed);
    status = read(text.data(), static_cast<std::uint32_t>(text.size()), &needed);
  }
  check(status);
  if (needed == 0) return std::nullopt;
  text.resize(needed - 1);
  return text;
}

/// Ids that `read(array, capacity, count)` copies out.
template <typename Read>
std::vector<std::uint64_t> read_ids(Read read) {
  std::uint32_t count = 0;
  std::vector<std::uint64_t> ids(16);
  std::int32_t status = read(ids.data(), static_cast<std::uint32_t>(ids.size()), &count);
  while (status == SIDETONE_ERR_TOO_SMALL) {
    ids.resize(count);
    status = read(ids.data(), static_cast<std::uint32_t>(ids.size()), &count);
  }
  check(status);
  ids.resize(count);
  return ids;
}

}  // namespace detail

/// SIP headers to add, (name, value).
using Headers = std::vector<std::pair<std::string, std::string>>;

namespace detail {

/// A list of headers in C's form, borrowed from `Headers`.
class HeaderList {
 public:
  explicit HeaderList(const Headers &headers) {
    for (const auto &[name, value] : headers) {
      sidetone_header header{};
      header.name = borrow(name);
      header.value = borrow(value);
      list_.push_back(header);
    }
  }

  sidetone_headers get() const {
    sidetone_headers headers{};
    headers.data = list_.data();
    headers.count = static_cast<std::uint32_t>(list_.size());
    return headers;
  }

 private:
  std::vector<sidetone_header> list_;
};

/// Fills one of C's lists that end with 0.
inline void fill(std::uint32_t (&list)[SIDETONE_LIST_MAX], const std::vector<std::uint32_t> &from) {
  if (from.size() > SIDETONE_LIST_MAX) throw Error(SIDETONE_ERR_INVALID_ARGUMENT, "list too long");
  for (std::size_t index = 0; index < from.size(); ++index) list[index] = from[index];
}

}  // namespace detail

/// How audio reaches the user; see sidetone_audio.
struct Audio {
  std::uint32_t kind = SIDETONE_AUDIO_HEADLESS;
  std::string microphone;
  std::string loudspeaker;
  bool repeat = false;
};

/// Settings of an engine, with the defaults of the library. Texts are set beside the C struct.
struct EngineConfig {
  sidetone_engine_config values{};
  std::string user_agent;
  std::string bind;
  Audio audio;

  EngineConfig() { check(sidetone_engine_config_init(&values, sizeof values)); }
};

/// Settings of an account; empty texts and lists are the defaults.
struct AccountConfig {
  sidetone_account_config values{};
  std::string aor, display_name, registrar, auth_user, password, outbound_proxy;
  std::vector<std::uint32_t> codecs, srtp_suites;
  Headers headers;

  AccountConfig() { check(sidetone_account_config_init(&values, sizeof values)); }
};

/// Options of a dial; empty lists and zeros are the account's.
struct DialOptions {
  std::uint32_t srtp = 0;
  std::uint32_t ptime_ms = 0;
  std::uint32_t no_answer_ms = 0;
  std::vector<std::uint32_t> codecs;
  Headers headers;
};

namespace detail {

/// An id that is closed once: moved, not copied. The engine has to outlive it.
template <std::int32_t (*Close)(sidetone_engine *, std::uint64_t)>
class Owned {
 public:
  Owned(sidetone_engine *engine, std::uint64_t id) noexcept : engine_(engine), id_(id) {}
  Owned(Owned &&other) noexcept
      : engine_(other.engine_), id_(std::exchange(other.id_, SIDETONE_ID_NONE)) {}
  Owned &operator=(Owned &&other) noexcept {
    if (this != &other) {
      close();
      engine_ = other.engine_;
      id_ = std::exchange(other.id_, SIDETONE_ID_NONE);
    }
    return *this;
  }
  ~Owned() { close(); }

  std::uint64_t id() const noexcept { return id_; }

  /// Before its time; again: nothing happens.
  void close() noexcept {
    if (id_ != SIDETONE_ID_NONE) Close(engine_, std::exchange(id_, SIDETONE_ID_NONE));
  }

 protected:
  sidetone_engine *engine_;

 private:
  std::uint64_t id_;
};

}  // namespace detail

/// A frame of a tap.
struct Frame {
  /// What is told of it.
  sidetone_tap_frame values{};
  std::vector<std::int16_t> samples;

  bool concealed() const noexcept { return (values.flags & SIDETONE_TAP_FLAG_CONCEALED) != 0; }
  bool absent() const noexcept { return (values.flags & SIDETONE_TAP_FLAG_ABSENT) != 0; }
};

/// How a call is tapped; see sidetone_tap_options.
struct TapOptions {
  sidetone_tap_options values{};

  TapOptions() { check(sidetone_tap_options_init(&values, sizeof values)); }
};

/// A tap on a call, closed at its end.
class Tap : public detail::Owned<sidetone_tap_close> {
 public:
  using Owned::Owned;

  /// Reads the next frame into `frame`, waiting as long as given (-1: for ever); false when none came
  /// in time, or none comes any more (`info().ended`).
  bool read(Frame &frame, Milliseconds timeout = Milliseconds(-1)) {
    frame.samples.resize(SIDETONE_TAP_SAMPLES_MAX);
    frame.values.size = sizeof frame.values;
    std::int32_t status =
        sidetone_tap_read(engine_, id(), frame.samples.data(), SIDETONE_TAP_SAMPLES_MAX,
                          timeout.count(), &frame.values);
    if (status == SIDETONE_ERR_TIMEOUT || status == SIDETONE_ERR_ENDED) {
      frame.samples.clear();
      return false;
    }
    check(status);
    frame.samples.resize(frame.values.samples);
    return true;
  }

  sidetone_tap_info info() const {
    sidetone_tap_info info{};
    info.size = sizeof info;
    check(sidetone_tap_info_read(engine_, id(), &info));
    return info;
  }
};

/// How audio is put into a call; see sidetone_inject_options.
struct InjectOptions {
  sidetone_inject_options values{};

  InjectOptions() { check(sidetone_inject_options_init(&values, sizeof values)); }
};

/// A source of audio in a call. At its end what was not played is thrown away.
class Injection : public detail::Owned<sidetone_inject_close> {
 public:
  using Owned::Owned;

  /// Queues samples; tells how many there was room for.
  std::size_t write(const std::int16_t *samples, std::size_t count) {
    std::uint32_t written = 0;
    constexpr std::size_t most = UINT32_MAX;
    auto given = static_cast<std::uint32_t>(count < most ? count : most);
    check(sidetone_inject_write(engine_, id(), samples, given, &written));
    return written;
  }

  std::size_t write(const std::vector<std::int16_t> &samples) {
    return write(samples.data(), samples.size());
  }

  /// Throws away what waits; tells how many samples that were.
  std::uint64_t flush() {
    std::uint64_t flushed = 0;
    check(sidetone_inject_flush(engine_, id(), &flushed));
    return flushed;
  }

  sidetone_inject_info info() const {
    sidetone_inject_info info{};
    info.size = sizeof info;
    check(sidetone_inject_info_read(engine_, id(), &info));
    return info;
  }
};

/// A call of an engine: a handle to copy around. The engine has to outlive it; the call itself may be
/// gone, then the functions throw SIDETONE_ERR_STALE_ID.
class Call {
 public:
  Call(sidetone_engine *engine, std::uint64_t id) : engine_(engine), id_(id) {}

  std::uint64_t id() const noexcept { return id_; }
  friend bool operator==(Call a, Call b) { return a.engine_ == b.engine_ && a.id_ == b.id_; }
  friend bool operator!=(Call a, Call b) { return !(a == b); }

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

  void progress(std::uint64_t *request = nullptr) {
    check(sidetone_call_progress(engine_, id_, request));
  }

  void hold(std::uint64_t *request = nullptr) { check(sidetone_call_hold(engine_, id_, request)); }

  void resume(std::uint64_t *request = nullptr) {
    check(sidetone_call_resume(engine_, id_, request));
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
    sidetone_call_info info{};
    info.size = sizeof info;
    check(sidetone_call_info_read(engine_, id_, &info));
    return info;
  }

  sidetone_call_stats stats() const {
    sidetone_call_stats stats{};
    stats.size = sizeof stats;
    check(sidetone_call_stats_read(engine_, id_, &stats));
    return stats;
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

 private:
  sidetone_engine *engine_;
  std::uint64_t id_;
};

/// An account of an engine: a handle to copy around, as Call is.
class Account {
 public:
  Account(sidetone_engine *engine, std::uint64_t id) : engine_(engine), id_(id) {}

  std::uint64_t id() const noexcept { return id_; }
  friend bool operator==(Account a, Account b) { return a.engine_ == b.engine_ && a.id_ == b.id_; }
  friend bool operator!=(Account a, Account b) { return !(a == b); }

  void remove(std::uint64_t *request = nullptr) {
    check(sidetone_account_remove(engine_, id_, request));
  }

  void register_now(std::uint64_t *request = nullptr) {
    check(sidetone_account_register(engine_, id_, request));
  }

  void unregister(std::uint64_t *request = nullptr) {
    check(sidetone_account_unregister(engine_, id_, request));
  }

  sidetone_account_info info() const {
    sidetone_account_info info{};
    info.size = sizeof info;
    check(sidetone_account_info_read(engine_, id_, &info));
    return info;
  }

  /// SIDETONE_ACCOUNT_TEXT_*.
  std::string text(std::uint32_t which) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_account_text_read(engine_, id_, which, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

 private:
  sidetone_engine *engine_;
  std::uint64_t id_;
};

/// An event, with texts of its own.
struct Event {
  /// The numbers; its texts are not valid any more.
  sidetone_event values{};
  std::string text, from, display_name, to, path, loudspeaker, microphone;

  explicit Event(const sidetone_event &event)
      : values(event),
        text(detail::copy(event.text)),
        from(detail::copy(event.from)),
        display_name(detail::copy(event.display_name)),
        to(detail::copy(event.to)),
        path(detail::copy(event.path)),
        loudspeaker(detail::copy(event.loudspeaker)),
        microphone(detail::copy(event.microphone)) {
    for (sidetone_text *borrowed : {&values.text, &values.from, &values.display_name, &values.to,
                                    &values.path, &values.loudspeaker, &values.microphone})
      *borrowed = sidetone_text{};
  }

  std::uint32_t kind() const noexcept { return values.kind; }

  /// Whether a call is now in a state (SIDETONE_CALL_*).
  bool is_call(Call call, std::uint32_t state) const {
    return values.kind == SIDETONE_EVENT_CALL && values.call == call.id() && values.state == state;
  }

  bool is_end_of(Call call) const { return is_call(call, SIDETONE_CALL_ENDED); }
};

/// A sound card.
struct Device {
  std::string id, name;
  std::uint32_t flags = 0;
};

/// An engine, destroyed at its end. Not to be destroyed in a function that it calls.
class Engine {
 public:
  Engine() : Engine(EngineConfig()) {}

  explicit Engine(const EngineConfig &config) {
    sidetone_engine_config values = config.values;
    values.user_agent = detail::borrow(config.user_agent);
    values.bind = detail::borrow(config.bind);
    values.audio_kind = config.audio.kind;
    values.audio_repeat = config.audio.repeat ? 1u : 0u;
    values.microphone = detail::borrow(config.audio.microphone);
    values.loudspeaker = detail::borrow(config.audio.loudspeaker);
    sidetone_engine *engine = nullptr;
    check(sidetone_engine_create(&values, &engine));
    engine_.reset(engine);
  }

  Engine(Engine &&) = default;

  Engine &operator=(Engine &&other) noexcept {
    engine_.reset();  // before the functions that it calls
    on_event_ = std::move(other.on_event_);
    on_wakeup_ = std::move(other.on_wakeup_);
    on_log_ = std::move(other.on_log_);
    engine_ = std::move(other.engine_);
    return *this;
  }

  /// The C engine, for what has no function here.
  sidetone_engine *get() const noexcept { return engine_.get(); }

  void shutdown(Milliseconds timeout = Milliseconds(2000)) {
    check(sidetone_engine_shutdown(get(), static_cast<std::uint32_t>(timeout.count())));
  }

  /// Says that the network has changed, or that the machine has woken up.
  void network_changed() { check(sidetone_network_changed(get())); }

  /// "ip:port" of SIDETONE_TRANSPORT_*.
  std::string address(std::uint32_t transport = SIDETONE_TRANSPORT_UDP) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_engine_address_read(get(), transport, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

  sidetone_engine_stats stats() const {
    sidetone_engine_stats stats{};
    stats.size = sizeof stats;
    check(sidetone_engine_stats_read(get(), &stats));
    return stats;
  }

  Account add_account(const AccountConfig &config, std::uint64_t *request = nullptr) {
    std::uint64_t id = SIDETONE_ID_NONE;
    with_account(config, [&](const sidetone_account_config &values) {
      check(sidetone_account_add(get(), &values, &id, request));
    });
    return Account(get(), id);
  }

  void update_account(Account account, const AccountConfig &config,
                      std::uint64_t *request = nullptr) {
    with_account(config, [&](const sidetone_account_config &values) {
      check(sidetone_account_update(get(), account.id(), &values, request));
    });
  }

  std::vector<Account> accounts() const {
    std::vector<Account> accounts;
    for (std::uint64_t id :
         detail::read_ids([&](std::uint64_t *ids, std::uint32_t capacity, std::uint32_t *count) {
           return sidetone_account_list(get(), ids, capacity, count);
         }))
      accounts.emplace_back(get(), id);
    return accounts;
  }

  Call dial(std::string_view uri, const DialOptions &options = {},
            std::optional<Account> account = std::nullopt, std::uint64_t *request = nullptr) {
    detail::HeaderList headers(options.headers);
    sidetone_dial_options values{};
    check(sidetone_dial_options_init(&values, sizeof values));
    values.srtp = options.srtp;
    values.ptime_ms = options.ptime_ms;
    values.no_answer_ms = options.no_answer_ms;
    detail::fill(values.codecs, options.codecs);
    values.headers = headers.get();
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_call_dial(get(), account ? account->id() : SIDETONE_ID_NONE, uri.data(),
                             detail::length(uri), &values, &id, request));
    return Call(get(), id);
  }

  /// The call of an event.
  Call call_of(const Event &event) const { return Call(get(), event.values.call); }

  std::vector<Call> calls() const {
    std::vector<Call> calls;
    for (std::uint64_t id :
         detail::read_ids([&](std::uint64_t *ids, std::uint32_t capacity, std::uint32_t *count) {
           return sidetone_call_list(get(), ids, capacity, count);
         }))
      calls.emplace_back(get(), id);
    return calls;
  }

  /// The next event, waiting as long as given (-1: for ever); nothing when none came, wake() was
  /// called, or the engine has stopped.
  std::optional<Event> next_event(Milliseconds timeout = Milliseconds(-1)) {
    sidetone_event event{};
    event.size = sizeof event;
    std::int32_t status = sidetone_event_next(get(), timeout.count(), &event);
    if (status == SIDETONE_ERR_TIMEOUT || status == SIDETONE_ERR_SHUTDOWN) return std::nullopt;
    check(status);
    return Event(event);
  }

  void wake() { check(sidetone_wake(get())); }

  /// Has a thread of the library call a function with each event. What it throws ends the program.
  void start_events(std::function<void(const Event &)> function) {
    auto holder = std::make_unique<std::function<void(const Event &)>>(std::move(function));
    auto call = [](const sidetone_event *event, void *user) noexcept {
      (*static_cast<std::function<void(const Event &)> *>(user))(Event(*event));
    };
    check(sidetone_event_thread_start(get(), call, holder.get()));
    on_event_ = std::move(holder);
  }

  void stop_events() {
    check(sidetone_event_thread_stop(get()));
    on_event_.reset();
  }

  /// Has a function called when events wait; it may only notify. An empty one ends it.
  void set_wakeup(std::function<void()> function) {
    auto holder = std::make_unique<std::function<void()>>(std::move(function));
    auto call = [](void *user) noexcept { (*static_cast<std::function<void()> *>(user))(); };
    if (*holder)
      check(sidetone_wakeup_set_function(get(), call, holder.get()));
    else
      check(sidetone_wakeup_set_function(get(), nullptr, nullptr));
    on_wakeup_ = std::move(holder);
  }

  /// Level, module and text of a log line.
  using Log = std::function<void(std::uint32_t, std::string_view, std::string_view)>;

  /// Has a function called with log lines; it may not call the engine. An empty one ends it.
  void set_log(std::uint32_t level, Log function) {
    auto holder = std::make_unique<Log>(std::move(function));
    auto call = [](std::uint32_t line_level, const char *module, const char *text,
                   std::int32_t length, void *user) noexcept {
      (*static_cast<Log *>(user))(line_level, module,
                                  std::string_view(text, static_cast<std::size_t>(length)));
    };
    if (*holder)
      check(sidetone_log_set(get(), level, call, holder.get()));
    else
      check(sidetone_log_set(get(), SIDETONE_LOG_OFF, nullptr, nullptr));
    on_log_ = std::move(holder);
  }

  void select_audio(const Audio &audio, std::uint64_t *request = nullptr) {
    sidetone_audio values{};
    check(sidetone_audio_init(&values, sizeof values));
    values.kind = audio.kind;
    values.microphone = detail::borrow(audio.microphone);
    values.loudspeaker = detail::borrow(audio.loudspeaker);
    values.repeat = audio.repeat ? 1u : 0u;
    check(sidetone_audio_select(get(), &values, request));
  }

  sidetone_audio_levels levels() const {
    sidetone_audio_levels levels{};
    levels.size = sizeof levels;
    check(sidetone_audio_levels_read(get(), &levels));
    return levels;
  }

  std::vector<Device> devices() {
    std::uint32_t count = 0;
    check(sidetone_device_list(get(), &count));
    std::vector<Device> devices(count);
    for (std::uint32_t index = 0; index < count; ++index) {
      sidetone_device_info info{};
      info.size = sizeof info;
      check(sidetone_device_info_read(get(), index, &info));
      devices[index].flags = info.flags;
      devices[index].id = device_text(index, SIDETONE_DEVICE_TEXT_ID);
      devices[index].name = device_text(index, SIDETONE_DEVICE_TEXT_NAME);
    }
    return devices;
  }

 private:
  struct Destroy {
    void operator()(sidetone_engine *engine) const noexcept { sidetone_engine_destroy(engine); }
  };

  template <typename Use>
  static void with_account(const AccountConfig &config, Use use) {
    detail::HeaderList headers(config.headers);
    sidetone_account_config values = config.values;
    values.aor = detail::borrow(config.aor);
    values.display_name = detail::borrow(config.display_name);
    values.registrar = detail::borrow(config.registrar);
    values.auth_user = detail::borrow(config.auth_user);
    values.password = detail::borrow(config.password);
    values.outbound_proxy = detail::borrow(config.outbound_proxy);
    detail::fill(values.codecs, config.codecs);
    detail::fill(values.srtp_suites, config.srtp_suites);
    values.headers = headers.get();
    use(values);
  }

  std::string device_text(std::uint32_t index, std::uint32_t which) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_device_text_read(get(), index, which, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

  // Destroyed from the last to the first: the engine calls none of the functions once it is gone.
  std::unique_ptr<std::function<void(const Event &)>> on_event_;
  std::unique_ptr<std::function<void()>> on_wakeup_;
  std::unique_ptr<Log> on_log_;
  std::unique_ptr<sidetone_engine, Destroy> engine_;
};

}  // namespace sidetone

#endif  // SIDETONE_HPP
