// Three calls to the phone of the first argument, which plays a tone of so many Hz as the second says:
// events pulled, pulled when a wake-up says so, and by a callback.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

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

/// What the events of one call after another say.
class Calls {
 public:
  explicit Calls(sidetone::Engine &engine) : engine_(engine) {}

  void dial() {
    sidetone::DialOptions options;
    options.codecs = {SIDETONE_CODEC_PCMU};
    options.headers = {{"X-Campaign", "Fr\xC3\xBChling"}};
    options.srtp = SIDETONE_SRTP_OFF;
    states_.clear();
    call_.emplace(engine_.dial(uri, options));
  }

  /// Whether the call has ended.
  bool take(const sidetone::Event &event) {
    must(event.values.sequence == ++sequence_, "events come in order");
    if (event.kind() != SIDETONE_EVENT_CALL) return false;
    states_ += " " + std::to_string(event.values.state);
    if (event.is_call(*call_, SIDETONE_CALL_CONNECTED)) connected();
    if (!event.is_end_of(*call_)) return false;
    must(event.values.status == SIDETONE_OK && event.values.end == SIDETONE_END_LOCAL, "its end");
    std::printf("states%s\n", states_.c_str());
    return true;
  }

 private:
  void connected() {
    must(call_->info().codec == SIDETONE_CODEC_PCMU, "the codec");
    must(!call_->header("X-Nothing"), "no such header");
    sidetone::TapOptions options;
    options.values.sample_rate_hz = TONE_RATE;
    sidetone::Tap tap = call_->tap(options);
    bool heard = false;
    for (int tries = 0; tries < 100 && !heard; ++tries) {
      std::vector<std::int16_t> block;
      while (block.size() < TONE_BLOCK) {
        sidetone::Frame frame;
        must(tap.read(frame, Milliseconds(20000)), "a frame");
        block.insert(block.end(), frame.samples.begin(), frame.samples.end());
      }
      heard = holds_tone(block.data(), hz);
    }
    must(heard, "the tone is heard");
    call_->hangup();
  }

  sidetone::Engine &engine_;
  std::optional<sidetone::Call> call_;
  std::uint64_t sequence_ = 0;
  std::string states_;
};

static void pulled(sidetone::Engine &engine, Calls &calls) {
  calls.dial();
  while (auto event = engine.next_event(Milliseconds(20000)))
    if (calls.take(*event)) return;
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
}

static void called_back(sidetone::Engine &engine, Calls &calls) {
  Signal ended;
  engine.start_events([&](const sidetone::Event &event) {
    if (calls.take(event)) ended.raise();
  });
  calls.dial();
  ended.wait();
  engine.stop_events();
}

static void refused(sidetone::Engine &engine) {
  try {
    engine.dial("foo:bar");
  } catch (const sidetone::Error &error) {
    must(error.status() == SIDETONE_ERR_INVALID_URI, "refused as expected");
    return;
  }
  must(false, "it was not refused");
}

static void run() {
  sidetone::EngineConfig config;
  config.bind = "127.0.0.1";
  config.user_agent = "scenario";
  sidetone::Engine engine(config);
  step("up");
  Calls calls(engine);
  pulled(engine, calls);
  woken(engine, calls);
  called_back(engine, calls);
  refused(engine);
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
