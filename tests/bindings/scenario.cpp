// Three calls to the phone of the first argument, which plays a tone of so many Hz as the second says:
// events pulled, pulled when a wake-up says so, and by a callback.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sidetone.hpp"
#include "tone.h"

using sidetone::Milliseconds;

static const char *uri;
static int hz;

static void must(bool holds, const char *what) {
  if (!holds) throw std::runtime_error(std::string("not so: ") + what);
}

/// Tells where the program is, and waits until that was looked at.
static void step(const char *name) {
  std::printf("%s\n", name);
  std::fflush(stdout);
  must(std::getchar() == '\n', "somebody looked");
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
  explicit Calls(sidetone::Engine &engine) : engine_(engine) {}

  void dial() {
    sidetone::DialOptions options;
    options.codecs = {SIDETONE_CODEC_PCMU};
    options.headers = {{"X-Campaign", "Fr\xC3\xBChling"}};
    options.values.srtp = SIDETONE_SRTP_OFF;
    states_.clear();
    replies_.clear();
    call_ = engine_.dial(uri, options, std::nullopt, &request_);
  }

  /// Whether the call has ended.
  bool take(const sidetone::Event &event) {
    must(event.values.sequence == ++sequence_, "events come in order");
    if (event.kind() == SIDETONE_EVENT_REPLY)
      replies_[event.values.request] = event.values.status;
    if (event.kind() != SIDETONE_EVENT_CALL) return false;
    must(engine_.call_of(event) == *call_, "the call is ours");
    states_ += " " + std::to_string(event.values.state);
    if (event.is_call(*call_, SIDETONE_CALL_CONNECTED)) connected();
    if (!event.is_end_of(*call_)) return false;
    must(event.values.status == SIDETONE_OK && event.values.end == SIDETONE_END_LOCAL, "its end");
    std::printf("states%s\n", states_.c_str());
    return true;
  }

  void done() {
    must(replies_.at(request_) == SIDETONE_OK && replies_.at(hangup_) == SIDETONE_OK, "answered");
    refused(SIDETONE_ERR_STALE_ID, [&] { call_->hangup(); });
  }

 private:
  void connected() {
    sidetone_call_info info = call_->info();
    must(info.outgoing == 1 && info.codec == SIDETONE_CODEC_PCMU && info.sip_code == 200, "info");
    must(call_->text(SIDETONE_CALL_TEXT_REMOTE_URI).find("sipp@127.0.0.1") != std::string::npos,
         "the far end's URI");
    must(!call_->header("X-Nothing"), "no such header");
    must(engine_.calls().size() == 1 && engine_.calls()[0] == *call_, "list of calls");
    must(call_->stats().packets_lost == 0, "nothing was lost");
    call_->gain(-3, 3);
    hear();
    call_->hangup(&hangup_);
  }

  /// The tone of the far end, a frame of which goes back.
  void hear() {
    sidetone::TapOptions options;
    options.values.sample_rate_hz = TONE_RATE;
    sidetone::Tap tap = call_->tap(options);
    sidetone::Injection injection = call_->inject();
    bool heard = false;
    for (int tries = 0; tries < 100 && !heard; ++tries) {
      std::vector<std::int16_t> block;
      while (block.size() < TONE_BLOCK) {
        sidetone::Frame frame;
        must(tap.read(frame, Milliseconds(20000)), "a frame");
        if (block.empty() && tries == 0)
          must(injection.write(frame.samples) == frame.samples.size(), "there is room");
        block.insert(block.end(), frame.samples.begin(), frame.samples.end());
      }
      heard = holds_tone(block.data(), hz);
    }
    must(heard, "the tone is heard");
  }

  sidetone::Engine &engine_;
  std::optional<sidetone::Call> call_;
  std::uint64_t request_ = 0, hangup_ = 0, sequence_ = 0;
  std::map<std::uint64_t, std::int32_t> replies_;
  std::string states_;
};

static void pulled(sidetone::Engine &engine, Calls &calls) {
  calls.dial();
  while (auto event = engine.next_event(Milliseconds(20000)))
    if (calls.take(*event)) return calls.done();
  must(false, "the end of the call");
}

/// What one thread waits for.
struct Signal {
  std::mutex lock;
  std::condition_variable changed;
  bool set = false;

  void raise() {
    std::lock_guard<std::mutex> held(lock);
    set = true;
    changed.notify_one();
  }

  void wait() {
    std::unique_lock<std::mutex> held(lock);
    must(changed.wait_for(held, std::chrono::seconds(20), [&] { return set; }), "a signal");
    set = false;
  }
};

static void woken(sidetone::Engine &engine, Calls &calls) {
  Signal signal;
  engine.set_wakeup([&] { signal.raise(); });
  calls.dial();
  for (bool ended = false; !ended;) {
    signal.wait();
    while (auto event = engine.next_event(Milliseconds(0))) ended = calls.take(*event) || ended;
  }
  engine.set_wakeup({});
  calls.done();
}

static void called_back(sidetone::Engine &engine, Calls &calls) {
  Signal ended;
  std::mutex dialling;
  engine.start_events([&](const sidetone::Event &event) {
    // The first may be here before dial() has stored the call.
    std::lock_guard<std::mutex> held(dialling);
    if (calls.take(event)) ended.raise();
  });
  {
    std::lock_guard<std::mutex> held(dialling);
    calls.dial();
  }
  ended.wait();
  engine.stop_events();
  calls.done();
}

static void run() {
  sidetone::EngineConfig config;
  config.bind = "127.0.0.1";
  config.user_agent = "scenario";
  sidetone::Engine engine(config);
  std::atomic<bool> traced{false};
  engine.set_log(SIDETONE_LOG_TRACE, [&](std::uint32_t, std::string_view, std::string_view text) {
    if (text.find("X-Campaign: Fr\xc3\xbchling") != std::string_view::npos) traced = true;
  });
  step("up");
  Calls calls(engine);
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

int main(int count, char **arguments) {
  try {
    must(count > 2, "two arguments");
    uri = arguments[1];
    hz = std::atoi(arguments[2]);
    step("before");
    run();
    step("gone");
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
