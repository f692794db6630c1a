/* Dials a SIP address, plays a WAV file into the call if one is given, and hangs up.
 *
 *   dial sip:bob@192.0.2.7 [SECONDS [WAV]]
 *
 * Exit status: 0 when the call was answered and ended in order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sidetone.h"

static const char *state_name(uint32_t state) {
  switch (state) {
    case SIDETONE_CALL_DIALING: return "dialing";
    case SIDETONE_CALL_RINGING: return "ringing";
    case SIDETONE_CALL_EARLY_MEDIA: return "early media";
    case SIDETONE_CALL_CONNECTED: return "connected";
    case SIDETONE_CALL_ENDING: return "ending";
    case SIDETONE_CALL_ENDED: return "ended";
    default: return "new";
  }
}

static int fail(const char *what, int32_t status) {
  char text[256];
  sidetone_last_error(text, sizeof text, NULL);
  fprintf(stderr, "%s: %s (%s)\n", what, text, sidetone_strerror(status));
  return EXIT_FAILURE;
}

static void print_stats(sidetone_engine *engine, uint64_t call) {
  sidetone_call_stats stats;
  stats.size = sizeof stats;
  if (sidetone_call_stats_read(engine, call, &stats) != SIDETONE_OK) return;
  printf("sent %llu packets, received %llu", (unsigned long long)stats.packets_sent,
         (unsigned long long)stats.packets_received);
  if (stats.valid & SIDETONE_VALID_JITTER) printf(", jitter %.1f ms", (double)stats.jitter_ms);
  if (stats.valid & SIDETONE_VALID_MOS) printf(", MOS %.1f", (double)stats.mos);
  printf("\n");
}

/* What is left of the time to talk; 0: nothing. Events that come meanwhile do not prolong it. */
static int32_t left_ms(sidetone_engine *engine, uint64_t call, int32_t talk_ms) {
  sidetone_call_info info;
  int64_t left;
  info.size = sizeof info;
  if (sidetone_call_info_read(engine, call, &info) != SIDETONE_OK) return -1;
  left = (int64_t)talk_ms - (int64_t)info.connected_ms;
  return left > 0 ? (int32_t)left : 0;
}

int main(int argc, char **argv) {
  sidetone_engine *engine = NULL;
  sidetone_event event;
  uint64_t call = SIDETONE_ID_NONE;
  int answered = 0;
  int talking = 0;
  int result = EXIT_FAILURE;
  int32_t status;
  int32_t talk_ms = (argc > 2 ? atoi(argv[2]) : 5) * 1000;

  if (argc < 2) {
    fprintf(stderr, "usage: dial URI [SECONDS [WAV]]\n");
    return EXIT_FAILURE;
  }
  status = sidetone_engine_create(NULL, &engine);
  if (status < 0) return fail("create", status);
  status = sidetone_call_dial(engine, SIDETONE_ID_NONE, argv[1], -1, NULL, &call, NULL);
  if (status < 0) {
    result = fail("dial", status);
    sidetone_engine_destroy(engine);
    return result;
  }

  event.size = sizeof event;
  for (;;) {
    status = sidetone_event_next(engine, talking ? left_ms(engine, call, talk_ms) : -1, &event);
    if (status == SIDETONE_ERR_TIMEOUT) { /* talked long enough */
      print_stats(engine, call);
      sidetone_call_hangup(engine, call, NULL);
      talking = 0;
      continue;
    }
    if (status < 0) {
      fail("events", status);
      break;
    }
    if (event.kind == SIDETONE_EVENT_MEDIA)
      printf("media runs, %s\n", event.srtp_suite ? "encrypted" : "not encrypted");
    if (event.kind != SIDETONE_EVENT_CALL || event.call != call) continue;
    printf("%s %s\n", state_name(event.state), event.text.data);
    if (event.state == SIDETONE_CALL_CONNECTED) {
      answered = 1;
      talking = 1;
      if (argc > 3) {
        status = sidetone_call_play(engine, call, argv[3], -1, NULL, NULL);
        if (status < 0) fail("play", status);
      }
    }
    if (event.state == SIDETONE_CALL_ENDED) {
      if (answered && event.status == SIDETONE_OK) result = EXIT_SUCCESS;
      break;
    }
  }
  sidetone_engine_destroy(engine);
  return result;
}
