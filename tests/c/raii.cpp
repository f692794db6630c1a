// The C++ header over two engines that call each other.
#include "check.hpp"

#include <atomic>

static sidetone::EngineConfig loopback() {
  sidetone::EngineConfig config;
  config.bind = "127.0.0.1";
  config.user_agent = "raii/1";
  config.values.t1_ms = 50;
  return config;
}

static void errors_are_exceptions(sidetone::Engine &engine) {
  try {
    engine.dial("nonsense without a host");
    CHECK(!"dialled");
  } catch (const sidetone::Error &error) {
    CHECK(error.status() == SIDETONE_ERR_INVALID_URI);
    CHECK(std::string(error.what()).find("nonsense") != std::string::npos);
    CHECK(error.code() == std::error_code(SIDETONE_ERR_INVALID_URI, sidetone::category()));
  }
  std::error_code error;
  CHECK(!engine.try_dial(error, "nonsense without a host"));
  CHECK(error.value() == SIDETONE_ERR_INVALID_URI && error.category() == sidetone::category());
  CHECK(error.message() == sidetone_strerror(SIDETONE_ERR_INVALID_URI));
  CHECK(sidetone::last_error().find("nonsense") != std::string::npos);
  CHECK(!engine.try_next_event(error, sidetone::Milliseconds(0)));
  CHECK(error.value() == SIDETONE_ERR_TIMEOUT);
  sidetone::Call none(engine.get(), 0);
  CHECK(status_of([&] { none.hangup(); }) == SIDETONE_ERR_WRONG_KIND);
}

/// Audio of a call through a tap and an injection; gives the tap, to be read when the call is over.
static sidetone::Tap taps_and_injects(sidetone::Call call) {
  sidetone::TapOptions options;
  options.values.direction = SIDETONE_TAP_SENT;
  options.values.sample_rate_hz = 48000;
  sidetone::Tap tap = call.tap(options);
  sidetone::Injection injection = call.inject();
  CHECK(injection.write(std::vector<std::int16_t>(80000, 2000)) == 80000);
  sidetone::Frame frame;
  bool heard = false;
  while (!heard && tap.read(frame, sidetone::Milliseconds(20000))) {
    CHECK(frame.samples.size() == 960 && frame.values.dropped == 0);
    for (std::int16_t sample : frame.samples) heard = heard || sample > 1000;
  }
  CHECK(heard && !frame.concealed() && !frame.absent());
  CHECK(injection.flush() > 0 && injection.info().queued == 0);
  sidetone::Injection moved = std::move(injection);
  CHECK(injection.id() == SIDETONE_ID_NONE && moved.info().ended == 0);
  CHECK(status_of([&] { injection.flush(); }) == SIDETONE_ERR_WRONG_KIND);
  std::uint64_t id = moved.id();
  moved.close();
  CHECK(id != SIDETONE_ID_NONE && moved.id() == SIDETONE_ID_NONE);
  options.values.frame_ms = 7;
  CHECK(status_of([&] { call.tap(options); }) == SIDETONE_ERR_INVALID_ARGUMENT);
  return tap;
}

static void calls_and_talks(sidetone::Engine &near, sidetone::Engine &far) {
  std::atomic<int> woken{0}, lines{0};
  near.set_wakeup([&] { ++woken; });
  near.set_log(SIDETONE_LOG_TRACE, [&](std::uint32_t, std::string_view, std::string_view text) {
    if (!text.empty()) ++lines;
  });
  far.start_events([&](const sidetone::Event &event) {
    if (event.kind() == SIDETONE_EVENT_INCOMING_CALL) {
      sidetone::Call call = far.call_of(event);
      call.ring();
      call.answer({{"X-Agent", "bob"}});
    }
  });
  sidetone::DialOptions options;
  options.codecs = {SIDETONE_CODEC_OPUS};
  options.headers = {{"X-Campaign", "spring"}};
  sidetone::Call call = near.dial("sip:bob@" + far.address(), options);
  await_state(near, call, SIDETONE_CALL_CONNECTED);
  CHECK(call.info().codec == SIDETONE_CODEC_OPUS);
  CHECK(call.header("X-Agent") == "bob");
  CHECK(!call.header("X-Nothing"));
  CHECK(call.text(SIDETONE_CALL_TEXT_REMOTE_URI).find("bob@") != std::string::npos);
  CHECK(near.calls().size() == 1 && near.calls()[0] == call);
  call.mute(true);
  call.gain(-3, 3);
  call.route_to(call, -6);
  call.unroute_from(call);
  std::uint64_t request = 0;
  call.dtmf("12", 40, &request);
  CHECK(await_reply(near, request).values.status == SIDETONE_OK);
  CHECK(call.stats().packets_sent > 0);
  sidetone::Tap tap = taps_and_injects(call);
  call.hangup();
  CHECK(await_state(near, call, SIDETONE_CALL_ENDED).values.status == SIDETONE_OK);
  CHECK(status_of([&] { call.info(); }) == SIDETONE_ERR_STALE_ID);
  sidetone::Frame frame;
  while (tap.read(frame)) continue;
  CHECK(tap.info().ended == 1 && frame.samples.empty());
  far.stop_events();
  near.set_wakeup({});
  near.set_log(SIDETONE_LOG_OFF, {});
  CHECK(woken > 0 && lines > 0);
}

static void has_accounts(sidetone::Engine &engine) {
  sidetone::AccountConfig config;
  config.aor = "sip:alice@127.0.0.1";
  config.codecs = {SIDETONE_CODEC_PCMU};
  config.headers = {{"X-Office", "Berlin"}};
  sidetone::Account account = engine.add_account(config);
  config.display_name = "Alice";
  account.update(config);
  CHECK(account.text(SIDETONE_ACCOUNT_TEXT_AOR) == config.aor);
  CHECK(account.info().state == SIDETONE_REGISTRATION_UNREGISTERED);
  CHECK(engine.accounts().size() == 1);
  account.remove();
  CHECK(engine.accounts().empty());
}

int main() {
  try {
    sidetone::Engine near(loopback());
    sidetone::Engine far(loopback());
    errors_are_exceptions(near);
    calls_and_talks(near, far);
    has_accounts(near);
    CHECK(near.levels().valid == 0);
    CHECK(near.stats().events_lost == 0);
    sidetone::Engine moved = std::move(near);
    moved.shutdown();
    while (auto event = moved.next_event())
      if (event->kind() == SIDETONE_EVENT_STOPPED) break;
    CHECK(!moved.next_event());
    std::error_code error;
    CHECK(!moved.try_next_event(error) && error.value() == SIDETONE_ERR_SHUTDOWN);
    moved = std::move(far);
    CHECK(!moved.address().empty());
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    ++failures;
  }
  std::printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
