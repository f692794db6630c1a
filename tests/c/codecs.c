/* Codecs and settings of Opus, of an account and of a call: what is said takes as much of the network
 * as was asked for. */
#include "check.h"

enum { RATE_HZ = 16000, FRAME = RATE_HZ / 50 };

static uint64_t add_account(sidetone_engine *engine) {
  sidetone_account_config config;
  uint64_t account = 0;
  EXPECT(OK, sidetone_account_config_init(&config, sizeof config));
  CHECK(config.opus_bitrate_bps == 0 && config.opus_complexity == 0 && config.opus_bandwidth == 0);
  config.aor.data = "sip:alice@127.0.0.1";
  config.srtp = SIDETONE_SRTP_OFF;
  config.opus_bitrate_bps = 16000;
  config.opus_complexity = SIDETONE_OPUS_COMPLEXITY_LEAST;
  config.opus_bandwidth = SIDETONE_OPUS_BANDWIDTH_WIDE;
  config.opus_fec = SIDETONE_OPUS_OFF;
  config.opus_dtx = SIDETONE_OPUS_OFF;
  EXPECT(OK, sidetone_account_add(engine, &config, &account, NULL));
  return account;
}

/* Octets a packet of a call that says noise for a second. */
static unsigned octets_of(sidetone_engine *near, uint64_t account, sidetone_engine *far,
                          const sidetone_dial_options *options, uint32_t codec) {
  static int16_t noise[FRAME * 50];
  sidetone_inject_options inject;
  sidetone_inject_info told;
  sidetone_call_stats stats;
  sidetone_event event;
  uint64_t call = 0, injection = 0, sent, packets;
  uint32_t seed = 1, n;
  char uri[128];

  engine_uri(far, "bob", uri, sizeof uri);
  EXPECT(OK, sidetone_call_dial(near, account, uri, -1, options, &call, NULL));
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_answer(far, event.call, NULL, NULL));
  await_event(near, SIDETONE_EVENT_MEDIA, -1, &event);
  CHECK(event.codec == codec);
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  for (n = 0; n < FRAME * 50; ++n) {
    seed = seed * 1664525u + 1013904223u;
    noise[n] = (int16_t)((int32_t)(seed >> 18) - 8192);
  }
  EXPECT(OK, sidetone_inject_options_init(&inject, sizeof inject));
  inject.sample_rate_hz = RATE_HZ;
  EXPECT(OK, sidetone_inject_open(near, call, &inject, &injection));
  stats.size = sizeof stats;
  told.size = sizeof told;
  EXPECT(OK, sidetone_inject_write(near, injection, noise, FRAME * 50, NULL));
  /* From the first that sounds to the last. */
  do {
    REQUIRE(sidetone_inject_info_read(near, injection, &told) == SIDETONE_OK);
    REQUIRE(sidetone_event_next(near, 10, &event) <= 0);
  } while (told.played < FRAME * 10 && !told.ended);
  EXPECT(OK, sidetone_call_stats_read(near, call, &stats));
  sent = stats.bytes_sent;
  packets = stats.packets_sent;
  do {
    REQUIRE(sidetone_inject_info_read(near, injection, &told) == SIDETONE_OK);
    REQUIRE(sidetone_event_next(near, 10, &event) <= 0);
  } while (told.played < FRAME * 40 && !told.ended);
  EXPECT(OK, sidetone_call_stats_read(near, call, &stats));
  sent = stats.bytes_sent - sent;
  packets = stats.packets_sent - packets;
  EXPECT(OK, sidetone_inject_close(near, injection));
  EXPECT(OK, sidetone_call_hangup(near, call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  return packets == 0 ? 0 : (unsigned)(sent / packets);
}

int main(void) {
  sidetone_engine *near = loopback_engine(), *far = loopback_engine();
  sidetone_dial_options options;
  uint64_t account = add_account(near);
  unsigned octets;

  CHECK(sidetone_has_feature("g722", -1) == 1);
  /* 16 kbit/s are 40 octets each 20 ms, 64 kbit/s are 160. */
  octets = octets_of(near, account, far, NULL, SIDETONE_CODEC_OPUS);
  CHECK(octets > 25 && octets < 55);
  EXPECT(OK, sidetone_dial_options_init(&options, sizeof options));
  options.opus_bitrate_bps = 64000;
  options.opus_complexity = 10;
  options.opus_bandwidth = SIDETONE_OPUS_BANDWIDTH_FULL;
  options.opus_fec = SIDETONE_OPUS_ON;
  octets = octets_of(near, account, far, &options, SIDETONE_CODEC_OPUS);
  CHECK(octets > 120 && octets < 200);
  options.codecs[0] = SIDETONE_CODEC_G722;
  octets = octets_of(near, account, far, &options, SIDETONE_CODEC_G722);
  CHECK(octets == 160);
  EXPECT(OK, sidetone_engine_destroy(near));
  EXPECT(OK, sidetone_engine_destroy(far));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
