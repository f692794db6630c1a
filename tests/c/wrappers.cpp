// Every function of the C++ header that raii.cpp does not need: what three engines say to each other.
#include "check.hpp"

#include <limits>

#if !defined(_WIN32)
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#endif

using sidetone::Account;
using sidetone::Call;
using sidetone::Engine;
using sidetone::Event;

static sidetone::EngineConfig loopback() {
  sidetone::EngineConfig config;
  config.bind = "127.0.0.1";
  config.host_methods = "LAMP, PUBLISH";
  config.message_types = "text/plain, multipart/mixed";
  config.values.t1_ms = 200;  // valgrind is slow: transactions end after 64 times as long
  config.values.t2_ms = 800;
  config.values.t4_ms = 1000;
  return config;
}

static std::string uri(const Engine &engine, const char *user) {
  return std::string("sip:") + user + "@" + engine.address();
}

static Account add_account(Engine &engine, const char *aor) {
  sidetone::AccountConfig config;
  config.aor = aor;
  config.codecs = {SIDETONE_CODEC_PCMU};
  return engine.add_account(config);
}

/// A call that is up, at both ends.
struct Pair {
  Call out, in;
};

static Pair connect(Engine &from, const Account &account, Engine &to, const std::string &target) {
  Call out = from.dial(target, {}, account);
  Call in = to.call_of(await(to, SIDETONE_EVENT_INCOMING_CALL));
  in.answer();
  await_state(from, out, SIDETONE_CALL_CONNECTED);
  await_state(to, in, SIDETONE_CALL_CONNECTED);
  return {out, in};
}

static std::uint32_t state_of_transfer(const Event &event) {
  CHECK(event.kind() == SIDETONE_EVENT_TRANSFER);
  return event.state();
}

static void transfers(Engine &a, const Account &alice, Engine &b, Engine &c) {
  auto [out, in] = connect(a, alice, b, uri(b, "bob"));
  out.transfer(uri(c, "carol"));
  CHECK(state_of_transfer(await(b, SIDETONE_EVENT_TRANSFER)) == SIDETONE_TRANSFER_ASKED);
  in.reject_transfer();
  auto failed = [](const Event &event) { return event.state() == SIDETONE_TRANSFER_FAILED; };
  CHECK(await(a, SIDETONE_EVENT_TRANSFER, failed).values.sip_code == 603);
  Pair other = connect(a, alice, c, uri(c, "carol"));
  CHECK(status_of([&, one = out] { Call(one).transfer_to(one); }) == SIDETONE_ERR_INVALID_ARGUMENT);
  out.transfer_to(other.out);
  auto asked = [](const Event &event) { return event.state() == SIDETONE_TRANSFER_ASKED; };
  CHECK(await(b, SIDETONE_EVENT_TRANSFER, asked).to.find("carol") != std::string::npos);
  in.accept_transfer();
  await(c, SIDETONE_EVENT_REPLACED);
  CHECK(await_state(a, out, SIDETONE_CALL_ENDED).values.end == SIDETONE_END_TRANSFERRED);
  other.in.hangup_with(31);
  Event end = await_state(b, in, SIDETONE_CALL_ENDED);
  CHECK(end.values.q850_cause == 31 && end.reason == "Normal, unspecified");
}

static void redirects_and_tells_who(Engine &a, Account alice, Engine &b, Engine &c) {
  sidetone::AccountServices services;
  services.values.redirect = SIDETONE_POLICY_ASK;
  services.values.anonymous = 1;
  services.asserted_identity = "Alice <tel:+4930123>";
  alice.set_services(services);
  Call call = a.dial(uri(b, "bob"), {}, alice);
  b.call_of(await(b, SIDETONE_EVENT_INCOMING_CALL)).redirect(uri(c, "carol"));
  CHECK(await(a, SIDETONE_EVENT_REDIRECTED).to == uri(c, "carol"));
  call.follow_redirect(true);
  Event event = await(c, SIDETONE_EVENT_INCOMING_CALL);
  Call in = c.call_of(event);
  CHECK(event.from.find("anonymous.invalid") != std::string::npos);
  CHECK(in.identity(SIDETONE_IDENTITY_ASSERTED).value_or("").find("+4930123") != std::string::npos);
  CHECK(!in.identity(SIDETONE_IDENTITY_HISTORY) && in.privacy() == SIDETONE_PRIVACY_ID);
  in.reject(486, "Busy with others");
  CHECK(await_state(a, call, SIDETONE_CALL_ENDED).text == "Busy with others");
  alice.set_services({});
  services.dial_plan = "(12[3)";
  CHECK(status_of([&] { alice.set_services(services); }) == SIDETONE_ERR_INVALID_ARGUMENT);
}

static void talks_within_a_call(Engine &a, const Account &alice, Engine &b) {
  Call out = a.dial(uri(b, "bob"), {}, alice);
  Call in = b.call_of(await(b, SIDETONE_EVENT_INCOMING_CALL));
  std::uint64_t request = 0;
  in.progress(&request);
  CHECK(await_reply(b, request).values.status == SIDETONE_OK);
  in.answer();
  await_state(a, out, SIDETONE_CALL_CONNECTED);
  await_state(b, in, SIDETONE_CALL_CONNECTED);
  CHECK(status_of([&] { out.hold_music("/nowhere.wav"); }) == SIDETONE_ERR_FILE_OPEN);
  out.hold_music("");
  out.hold();
  CHECK(await(a, SIDETONE_EVENT_HOLD).state() == SIDETONE_HOLD_LOCAL);
  out.resume(&request);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  out.send_message({"", "gr\xc3\xbc\xc3\x9f"}, &request);
  Event message = await(b, SIDETONE_EVENT_MESSAGE);
  CHECK(b.account_of(message) == b.accounts().front() && b.call_of(message) == in);
  CHECK(message.header("Call-ID") && !message.header("X-Nothing"));
  CHECK(message.body.octets == "gr\xc3\xbc\xc3\x9f");
  CHECK(message.body.content_type == "text/plain;charset=utf-8");
  CHECK(await_reply(a, request).values.sip_code == 200);
  out.send_request({"LAMP", {"text/plain", "on"}, {}}, &request);
  b.answer_request(await(b, SIDETONE_EVENT_REQUEST), {299, "Lit", {}, {}});
  CHECK(await_reply(a, request).text == "Lit");
  CHECK(status_of([&] { out.play("/nowhere.wav"); }) == SIDETONE_ERR_FILE_OPEN);
  out.stop_playing();
  out.record("/nowhere/call.wav", &request);
  CHECK(await_reply(a, request).values.status == SIDETONE_ERR_FILE_OPEN);
  out.pause_recording(&request);
  CHECK(await_reply(a, request).values.status == SIDETONE_ERR_WRONG_STATE);
  out.resume_recording(&request);
  CHECK(await_reply(a, request).values.status == SIDETONE_ERR_WRONG_STATE);
  out.stop_recording();
  out.capture("/nowhere/call.pcap", &request);
  CHECK(await_reply(a, request).values.status == SIDETONE_ERR_FILE_OPEN);
  out.stop_capture();
  out.set_headers(SIDETONE_MESSAGE_BYE, {{"X-Outcome", "sold"}});
  out.hangup();
  await_state(b, in, SIDETONE_CALL_ENDING);
  CHECK(in.header_of(SIDETONE_MESSAGE_BYE, "x-outcome") == "sold");
  await_state(b, in, SIDETONE_CALL_ENDED);
}

static void confers(Engine &a, const Account &alice, Engine &b) {
  Pair one = connect(a, alice, b, uri(b, "bob")), other = connect(a, alice, b, uri(b, "bob"));
  sidetone::Conference conference = a.create_conference();
  conference.gain(one.out, other.out, -std::numeric_limits<float>::infinity());
  std::uint64_t request = 0;
  for (Call call : {one.out, other.out}) {
    conference.add(call, &request);
    CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  }
  CHECK(conference.calls() == std::vector<Call>({one.out, other.out}));
  conference.gain(std::nullopt, one.out, -6, &request);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  CHECK(status_of([&] { conference.gain(std::nullopt, std::nullopt, 0); }) ==
        SIDETONE_ERR_INVALID_ARGUMENT);
  conference.remove(one.out, &request);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  CHECK(conference.calls() == std::vector<Call>({other.out}));
  conference.destroy(&request);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  CHECK(status_of([&] { conference.calls(); }) == SIDETONE_ERR_STALE_ID);
  for (Call call : {one.out, other.out}) {
    call.hangup();
    await_state(a, call, SIDETONE_CALL_ENDED);
  }
  sidetone_engine_health health = a.health();
  CHECK(health.rounds > 0 && health.workers > 0 && health.playback_callbacks == 0);
  CHECK(!a.priority(SIDETONE_THREADS_WORKERS).empty());
  CHECK(a.priority(SIDETONE_THREADS_CALLBACKS) == "not asked for");
}

static void talks_outside_of_calls(Engine &a, Account alice, Engine &b) {
  std::vector<sidetone::Body> parts{{"text/plain", "see the map"},
                                    {"application/x-map", std::string("\0\1\2", 3)}};
  sidetone::Body body = sidetone::write_multipart(parts);
  CHECK(body.content_type.rfind("multipart/mixed;boundary=", 0) == 0);
  std::uint64_t request = 0;
  a.send_message(uri(b, "bob"), body, &request);
  std::vector<sidetone::Body> read =
      sidetone::read_multipart(await(b, SIDETONE_EVENT_MESSAGE).body);
  CHECK(read.size() == 2 && read[1].octets == parts[1].octets);
  CHECK(read[1].content_type == parts[1].content_type);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  CHECK(sidetone::read_multipart({"text/plain", "no parts"}).empty());
  CHECK(status_of([] { sidetone::write_multipart({}); }) == SIDETONE_ERR_NULL_POINTER);
  alice.send_message(uri(b, "bob"), {"image/png", "x"}, &request);
  CHECK(await_reply(a, request).values.sip_code == 415);
  a.send_request(uri(b, "bob"), {"LAMP", {}, {{"X-Room", "kitchen"}}}, &request);
  Event lamp = await(b, SIDETONE_EVENT_REQUEST);
  CHECK(lamp.method == "LAMP" && lamp.header("X-Room") == "kitchen");
  b.answer_request(lamp, {200, "", {"text/plain", "burns"}, {{"X-Watt", "40"}}});
  Event reply = await_reply(a, request);
  CHECK(reply.body.octets == "burns" && reply.header("X-Watt") == "40");
  alice.send_request(uri(b, "bob"), {"LAMP", {}, {}}, &request);
  b.answer_request(await(b, SIDETONE_EVENT_REQUEST));
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
}

/// An engine shows no busy lamps, so that the subscription ends.
static void watches(Engine &a, Engine &b) {
  std::uint64_t request = 0;
  sidetone::Subscription lamp = a.watch(uri(b, "bob"), {}, std::nullopt, &request);
  CHECK(await_reply(a, request).values.status == SIDETONE_ERR_REFUSED);
  CHECK(lamp.info().state == SIDETONE_SUBSCRIPTION_ENDED && lamp.info().sip_code == 489);
  CHECK(lamp.text(SIDETONE_SUBSCRIPTION_TEXT_EVENT) == "dialog");
  CHECK(status_of([&] { lamp.dialog(0); }) == SIDETONE_ERR_INVALID_ARGUMENT);
  CHECK(status_of([&] { lamp.dialog_text(0, SIDETONE_DIALOG_TEXT_ID); }) ==
        SIDETONE_ERR_INVALID_ARGUMENT);
  CHECK(a.subscriptions().size() == 1 && a.subscriptions()[0] == lamp);
  lamp.refresh();
  lamp.remove(&request);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  CHECK(status_of([&] { lamp.info(); }) == SIDETONE_ERR_STALE_ID);
  sidetone::SubscriptionOptions options;
  options.values.package = SIDETONE_PACKAGE_OTHER;
  options.event = "x weather";
  CHECK(status_of([&] { a.watch(uri(b, "bob"), options); }) == SIDETONE_ERR_INVALID_ARGUMENT);
}

/// The far end's host plays the server.
static void takes(Engine &server, const char *wanted) {
  Event event = await(server, SIDETONE_EVENT_REQUEST);
  CHECK(event.method == "PUBLISH" && event.body.octets.find(wanted) != std::string::npos);
  server.answer_request(event, {200, "", {}, {{"SIP-ETag", "one"}, {"Expires", "600"}}});
}

static void publishes(Engine &a, Engine &server) {
  sidetone::AccountConfig config;
  config.aor = "sip:alice@pbx.test";
  config.outbound_proxy = uri(server, "proxy");
  Account account = a.add_account(config);
  std::uint64_t request = 0;
  sidetone::Publication own = account.publish(sidetone::Presence{true, "away", "lunch"});
  takes(server, "<note>lunch</note>");
  own.update(sidetone::Presence{false, "", ""}, &request);
  takes(server, "<basic>closed</basic>");
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  own.remove(&request);
  takes(server, "");
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  sidetone::Publication lamp = account.publish("x-lamp", {"text/plain", "on"});
  takes(server, "on");
  lamp.update(sidetone::Body{"text/plain", "off"}, &request);
  takes(server, "off");
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  account.register_now(&request);
  CHECK(await_reply(a, request).values.status == SIDETONE_ERR_WRONG_STATE);
  account.unregister();
  lamp.remove();
  takes(server, "");
  account.remove();
}

static void is_woken(Engine &a) {
#if !defined(_WIN32)
  int ends[2];
  CHECK(pipe(ends) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  a.set_wakeup_fd(ends[1]);
  std::uint64_t request = 0;
  sidetone::Audio audio;
  a.select_audio(audio, &request);
  pollfd source{ends[0], POLLIN, 0};
  CHECK(poll(&source, 1, 20000) == 1);
  CHECK(await_reply(a, request).values.status == SIDETONE_OK);
  a.set_wakeup({});
  close(ends[0]);
  close(ends[1]);
#endif
  while (a.next_event(sidetone::Milliseconds(0))) continue;
  a.wake();
  std::error_code error;
  CHECK(!a.try_next_event(error) && error.value() == SIDETONE_ERR_TIMEOUT);
}

int main() {
  try {
    CHECK(sidetone::is_compatible() && !sidetone::version().empty());
    CHECK(sidetone::has_feature("srtp") && !sidetone::has_feature("teleport"));
    Engine a(loopback()), b(loopback()), c(loopback());
    Account alice = add_account(a, "sip:alice@127.0.0.1");
    add_account(b, "sip:bob@127.0.0.1");
    add_account(c, "sip:carol@127.0.0.1");
    transfers(a, alice, b, c);
    redirects_and_tells_who(a, alice, b, c);
    talks_within_a_call(a, alice, b);
    confers(a, alice, b);
    talks_outside_of_calls(a, alice, b);
    watches(a, b);
    publishes(a, b);
    is_woken(a);
    a.network_changed();
    if (sidetone::has_feature("audio"))
      for (const sidetone::Device &device : a.devices()) CHECK(!device.id.empty());
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    ++failures;
  }
  std::printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
