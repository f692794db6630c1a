// Engines. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_ENGINE_HPP
#define SIDETONE_ENGINE_HPP

#include <functional>
#include <memory>

#include "conference.hpp"
#include "event.hpp"

namespace sidetone {

/// A sound card.
struct Device {
  std::string id, name;
  /// SIDETONE_DEVICE_*, added up.
  std::uint32_t flags = 0;
};

/// An engine, destroyed at its end. Not to be destroyed in a function that it calls.
class Engine {
 public:
  Engine() : Engine(EngineConfig()) {}

  explicit Engine(const EngineConfig &config) {
    if (!is_compatible()) throw Error(SIDETONE_ERR_UNSUPPORTED, "the library is of another version");
    sidetone_engine_config raw = config.raw();
    sidetone_engine *engine = nullptr;
    check(sidetone_engine_create(&raw, &engine));
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

  /// The C engine.
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
    return detail::read_values<sidetone_engine_stats>(
        [&](sidetone_engine_stats *stats) { return sidetone_engine_stats_read(get(), stats); });
  }

  /// How the threads do that have to keep time.
  sidetone_engine_health health() const {
    return detail::read_values<sidetone_engine_health>([&](sidetone_engine_health *health) {
      return sidetone_engine_health_read(get(), health);
    });
  }

  /// What scheduling SIDETONE_THREADS_* got, in words.
  std::string priority(std::uint32_t threads) const {
    auto read = [&](char *buffer, std::uint32_t capacity, std::uint32_t *needed) {
      return sidetone_engine_priority_read(get(), threads, buffer, capacity, needed);
    };
    return detail::read_text(read).value_or("");
  }

  Account add_account(const AccountConfig &config, std::uint64_t *request = nullptr) {
    std::uint64_t id = SIDETONE_ID_NONE;
    config.with_raw([&](const sidetone_account_config *raw) {
      check(sidetone_account_add(get(), raw, &id, request));
    });
    return Account(get(), id);
  }

  std::vector<Account> accounts() const { return listed<Account>(sidetone_account_list); }

  Call dial(std::string_view uri, const DialOptions &options = {},
            std::optional<Account> account = std::nullopt, std::uint64_t *request = nullptr) {
    std::uint64_t id = SIDETONE_ID_NONE;
    check(dial_raw(uri, options, account, &id, request));
    return Call(get(), id);
  }

  /// The same without an exception for what the library refuses: nothing, and `error` of category().
  std::optional<Call> try_dial(std::error_code &error, std::string_view uri,
                               const DialOptions &options = {},
                               std::optional<Account> account = std::nullopt,
                               std::uint64_t *request = nullptr) {
    std::uint64_t id = SIDETONE_ID_NONE;
    error.assign(dial_raw(uri, options, account, &id, request), category());
    if (error) return std::nullopt;
    return Call(get(), id);
  }

  std::vector<Call> calls() const { return listed<Call>(sidetone_call_list); }

  /// The call of an event.
  Call call_of(const Event &event) const { return Call(get(), event.values.call); }
  /// The account of an event.
  Account account_of(const Event &event) const { return Account(get(), event.values.account); }

  /// A conference without calls yet.
  Conference create_conference() {
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_conference_create(get(), &id));
    return Conference(get(), id);
  }

  /// Watches somebody, or a mailbox.
  Subscription watch(std::string_view uri, const SubscriptionOptions &options = {},
                     std::optional<Account> account = std::nullopt,
                     std::uint64_t *request = nullptr) {
    sidetone_subscription_options raw = options.raw();
    std::uint64_t id = SIDETONE_ID_NONE;
    check(sidetone_subscription_add(get(), account ? account->id() : SIDETONE_ID_NONE, uri.data(),
                                    detail::length(uri), &raw, &id, request));
    return Subscription(get(), id);
  }

  std::vector<Subscription> subscriptions() const {
    return listed<Subscription>(sidetone_subscription_list);
  }

  /// A message straight to an address; a body without a type is text.
  void send_message(std::string_view uri, const Body &body, std::uint64_t *request = nullptr) {
    detail::send_message(get(), SIDETONE_ID_NONE, uri, body, request);
  }

  void send_request(std::string_view uri, const SipRequest &sip,
                    std::uint64_t *request = nullptr) {
    detail::send_request(get(), SIDETONE_ID_NONE, uri, sip, request);
  }

  /// Answers the request of a SIDETONE_EVENT_REQUEST.
  void answer_request(const Event &event, const SipAnswer &answer = {},
                      std::uint64_t *request = nullptr) {
    detail::answer_request(get(), event.values.transaction, answer, request);
  }

  /// The next event, waiting as long as given (-1: for ever); nothing when none came, wake() was
  /// called, or the engine has stopped.
  std::optional<Event> next_event(Milliseconds timeout = Milliseconds(-1)) {
    std::error_code error;
    std::optional<Event> event = try_next_event(error, timeout);
    std::int32_t status = error.value();
    if (status != SIDETONE_ERR_TIMEOUT && status != SIDETONE_ERR_SHUTDOWN) check(status);
    return event;
  }

  /// The same, with why there is none in `error`: SIDETONE_ERR_TIMEOUT, or SIDETONE_ERR_SHUTDOWN when
  /// none comes any more.
  std::optional<Event> try_next_event(std::error_code &error,
                                      Milliseconds timeout = Milliseconds(-1)) {
    sidetone_event event{};
    event.size = sizeof event;
    error.assign(sidetone_event_next(get(), timeout.count(), &event), category());
    if (error) return std::nullopt;
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

  /// Has a function called when events wait; it may only notify. An empty one ends every wake-up.
  void set_wakeup(std::function<void()> function) {
    auto holder = std::make_unique<std::function<void()>>(std::move(function));
    auto call = [](void *user) noexcept { (*static_cast<std::function<void()> *>(user))(); };
    if (*holder)
      check(sidetone_wakeup_set_function(get(), call, holder.get()));
    else
      check(sidetone_wakeup_set_function(get(), nullptr, nullptr));
    on_wakeup_ = std::move(holder);
  }

  /// Has eight bytes written to an eventfd or a non-blocking pipe instead. Not on Windows.
  void set_wakeup_fd(int fd) {
    check(sidetone_wakeup_set_fd(get(), fd));
    on_wakeup_.reset();
  }

#if defined(_WIN32)
  /// Has an event object (a HANDLE) set instead.
  void set_wakeup_handle(void *handle) {
    check(sidetone_wakeup_set_handle(get(), handle));
    on_wakeup_.reset();
  }

  /// Has a message posted to a window (an HWND) instead.
  void set_wakeup_window(void *window, std::uint32_t message) {
    check(sidetone_wakeup_set_window(get(), window, message));
    on_wakeup_.reset();
  }
#endif

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
    sidetone_audio raw = audio.raw();
    check(sidetone_audio_select(get(), &raw, request));
  }

  sidetone_audio_levels levels() const {
    return detail::read_values<sidetone_audio_levels>(
        [&](sidetone_audio_levels *levels) { return sidetone_audio_levels_read(get(), levels); });
  }

  /// The sound cards. Waits for the system, at most five seconds.
  std::vector<Device> devices() {
    std::uint32_t count = 0;
    check(sidetone_device_list(get(), &count));
    std::vector<Device> devices(count);
    for (std::uint32_t index = 0; index < count; ++index) {
      auto read = [&](sidetone_device_info *info) {
        return sidetone_device_info_read(get(), index, info);
      };
      devices[index].flags = detail::read_values<sidetone_device_info>(read).flags;
      devices[index].id = device_text(index, SIDETONE_DEVICE_TEXT_ID);
      devices[index].name = device_text(index, SIDETONE_DEVICE_TEXT_NAME);
    }
    return devices;
  }

 private:
  struct Destroy {
    void operator()(sidetone_engine *engine) const noexcept { sidetone_engine_destroy(engine); }
  };

  std::int32_t dial_raw(std::string_view uri, const DialOptions &options,
                        const std::optional<Account> &account, std::uint64_t *id,
                        std::uint64_t *request) {
    return options.with_raw([&](const sidetone_dial_options *raw) {
      return sidetone_call_dial(get(), account ? account->id() : SIDETONE_ID_NONE, uri.data(),
                                detail::length(uri), raw, id, request);
    });
  }

  template <typename Kind, typename List>
  std::vector<Kind> listed(List list) const {
    std::vector<Kind> objects;
    for (std::uint64_t id :
         detail::read_ids([&](std::uint64_t *ids, std::uint32_t capacity, std::uint32_t *count) {
           return list(get(), ids, capacity, count);
         }))
      objects.emplace_back(get(), id);
    return objects;
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

#endif  // SIDETONE_ENGINE_HPP
