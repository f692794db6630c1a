// Three calls to the phone of the argument: events pulled, pulled when a wake-up says so, by a callback.
#include "sidetone.hpp"

#include <atomic>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>

using sidetone::Engine;
using sidetone::Event;
using sidetone::Milliseconds;

static void must(bool holds, const char *what) {
  if (!holds) throw std::runtime_error(std::string("not so: ") + what);
}

/// Tells where the program is, and waits until that was looked at.
static void step(const char *name) {
  std::string line;
  std::cout << name << std::endl;
  must(std::getline(std::cin, line) && line.empty(), "somebody looked");
}

template <typename Function>
static void refused(std::int32_t status, Function function) {
  try {
    function();
  } catch (const sidetone::Error &error) {
    must(error.status() == status && *error.what() != '\0', "refused as expected");
    return;
  }
  must(false, "it was refused");
}

/// What the events of one call after another say.
class Calls {
 public:
  Calls(Engine &engine, std::string uri) : engine_(engine), uri_(std::move(uri)) {}

  void dial() {
    sidetone::DialOptions options;
    options.headers = {{"X-Campaign", "Fr\xc3\xbchling"}};
    options.codecs = {SIDETONE_CODEC_PCMU};
    options.values.srtp = SIDETONE_SRTP_OFF;
    states_.clear();
    replies_.clear();
    call_ = engine_.dial(uri_, options, std::nullopt, &request_);
  }

  /// Whether the call has ended.
  bool take(const Event &event) {
    must(event.values.sequence == ++sequence_, "events come in order");
    if (event.kind() == SIDETONE_EVENT_REPLY)
      replies_[event.values.request] = event.values.status;
    if (event.kind() != SIDETONE_EVENT_CALL) return false;
    must(engine_.call_of(event) == *call_, "the call is ours");
    states_ += " " + std::to_string(event.state());
    if (event.state() == SIDETONE_CALL_CONNECTED) connected();
    if (!event.is_end_of(*call_)) return false;
    must(event.values.status == SIDETONE_OK && event.values.end == SIDETONE_END_LOCAL,
         "an orderly end");
    return true;
  }

  void done() {
    must(replies_.at(request_) == SIDETONE_OK && replies_.at(hangup_) == SIDETONE_OK, "answered");
    refused(SIDETONE_ERR_STALE_ID, [&] { call_->hangup(); });
    std::cout << "states" << states_ << std::endl;
  }

 private:
  void connected() {
    sidetone_call_info info = call_->info();
    must(info.outgoing == 1 && info.codec == SIDETONE_CODEC_PCMU && info.sip_code == 200, "info");
    must(call_->text(SIDETONE_CALL_TEXT_REMOTE_URI).find("sipp@127.0.0.1") != std::string::npos,
         "the far end's URI");
    must(!call_->header("X-Nothing"), "there is no such header");
    must(engine_.calls().size() == 1 && engine_.calls()[0] == *call_, "list of calls");
    must(call_->stats().packets_lost == 0, "nothing was lost");
    call_->gain(-3, 3);
    echo();
    call_->hangup(&hangup_);
  }

  /// A frame of what is heard goes back.
  void echo() {
    sidetone::TapOptions options;
    options.values.sample_rate_hz = 8000;
    sidetone::Tap tap = call_->tap(options);
    sidetone::Injection injection = call_->inject();
    sidetone::Frame frame;
    must(tap.read(frame, Milliseconds(20000)), "a frame");
    must(frame.samples.size() == 160 && frame.values.timestamp == 0, "its length");
    must(injection.write(frame.samples) == 160, "there is room");
    sidetone_inject_info info = injection.info();
    must(info.queued + info.played == 160, "all is played");
  }

  Engine &engine_;
  std::string uri_, states_;
  std::optional<sidetone::Call> call_;
  std::uint64_t request_ = 0, hangup_ = 0, sequence_ = 0;
  std::map<std::uint64_t, std::int32_t> replies_;
};

static void pulled(Engine &engine, Calls &calls) {
  calls.dial();
  for (;;) {
    auto event = engine.next_event(Milliseconds(20000));
    must(event.has_value(), "an event");
    if (calls.take(*event)) break;
  }
  calls.done();
}

static void woken(Engine &engine, Calls &calls) {
  std::mutex mutex;
  std::condition_variable events;
  bool wait = false;
  engine.set_wakeup([&] {
    std::lock_guard<std::mutex> lock(mutex);
    wait = true;
    events.notify_one();
  });
  calls.dial();
  for (bool ended = false; !ended;) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      must(events.wait_for(lock, std::chrono::seconds(20), [&] { return wait; }), "a wake-up");
      wait = false;
    }
    while (auto event = engine.next_event(Milliseconds(0))) ended = calls.take(*event) || ended;
  }
  engine.set_wakeup({});
  calls.done();
}

static void called_back(Engine &engine, Calls &calls) {
  std::mutex mutex;
  std::condition_variable ended;
  bool over = false;
  engine.start_events([&](const Event &event) {
    // The first may be here before dial() has stored the call.
    std::lock_guard<std::mutex> lock(mutex);
    over = calls.take(event) || over;
    ended.notify_one();
  });
  {
    std::unique_lock<std::mutex> lock(mutex);
    calls.dial();
    must(ended.wait_for(lock, std::chrono::seconds(20), [&] { return over; }), "the call's end");
  }
  engine.stop_events();
  calls.done();
}

static void run(const std::string &uri) {
  sidetone::EngineConfig config;
  config.bind = "127.0.0.1";
  config.user_agent = "scenario";
  Engine engine(config);
  std::atomic<bool> traced{false};
  engine.set_log(SIDETONE_LOG_TRACE, [&](std::uint32_t, std::string_view, std::string_view text) {
    if (text.find("X-Campaign: Fr\xc3\xbchling") != std::string_view::npos) traced = true;
  });
  Calls calls(engine, uri);
  pulled(engine, calls);
  woken(engine, calls);
  called_back(engine, calls);
  refused(SIDETONE_ERR_INVALID_URI, [&] { engine.dial("foo:bar"); });
  must(engine.address().rfind("127.0.0.1:", 0) == 0, "address");
  engine.set_log(SIDETONE_LOG_OFF, {});
  must(traced, "the log told of the header");
  engine.shutdown();
  std::uint32_t last = SIDETONE_EVENT_NONE;
  while (auto event = engine.next_event()) last = event->kind();
  must(last == SIDETONE_EVENT_STOPPED, "the last event");
}

int main(int, char **arguments) {
  try {
    step("before");
    run(arguments[1]);
    step("gone");
  } catch (const std::exception &error) {
    std::cerr << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}
