/* Answers calls, lets each caller hear itself, records the first one, and takes digits.
 *
 *   answer [IP [PORT [CALLS [WAV]]]]
 *
 * IP and PORT: where to listen, 0.0.0.0 and any port by default. CALLS: end after so many, 0 never.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sidetone.h"

static int fail(const char *what, int32_t status) {
  char text[256];
  sidetone_last_error(text, sizeof text, NULL);
  fprintf(stderr, "%s: %s (%s)\n", what, text, sidetone_strerror(status));
  return EXIT_FAILURE;
}

static void on_call_state(sidetone_engine *engine, const sidetone_event *event, const char *wav) {
  int32_t status;
  if (event->state != SIDETONE_CALL_CONNECTED) return;
  /* What the caller says goes back to the caller, a little softer. */
  status = sidetone_call_route(engine, event->call, event->call, -3.0f, NULL);
  if (status < 0) fail("route", status);
  if (wav) {
    status = sidetone_call_record(engine, event->call, wav, -1, NULL);
    if (status < 0) fail("record", status);
  }
}

int main(int argc, char **argv) {
  sidetone_engine_config config;
  sidetone_engine *engine = NULL;
  sidetone_event event;
  char address[64];
  long calls = argc > 3 ? atol(argv[3]) : 0;
  long ended = 0;
  long incoming = 0;
  int32_t status;

  sidetone_engine_config_init(&config, sizeof config);
  if (argc > 1) config.bind.data = argv[1];
  if (argc > 2) config.sip_port = (uint32_t)atol(argv[2]);
  config.max_calls = 1000;
  status = sidetone_engine_create(&config, &engine);
  if (status < 0) return fail("create", status);
  status = sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_UDP, address, sizeof address,
                                        NULL);
  if (status < 0) return fail("address", status);
  printf("listening on %s\n", address);
  fflush(stdout);

  event.size = sizeof event;
  while (calls == 0 || ended < calls) {
    status = sidetone_event_next(engine, -1, &event);
    if (status < 0) {
      fail("events", status);
      break;
    }
    switch (event.kind) {
      case SIDETONE_EVENT_INCOMING_CALL:
        printf("call from %s\n", event.from.data);
        ++incoming;
        sidetone_call_ring(engine, event.call, NULL);
        status = sidetone_call_answer(engine, event.call, NULL, NULL);
        if (status < 0) fail("answer", status);
        break;
      case SIDETONE_EVENT_DTMF:
        printf("digit %c, %u ms\n", (char)event.digit, (unsigned)event.duration_ms);
        break;
      case SIDETONE_EVENT_RECORD_FINISHED:
        printf("recorded %s: %s\n", event.path.data, sidetone_strerror(event.status));
        break;
      case SIDETONE_EVENT_CALL:
        on_call_state(engine, &event, argc > 4 && incoming == 1 ? argv[4] : NULL);
        if (event.state == SIDETONE_CALL_ENDED) ++ended;
        break;
      default:
        break; /* later versions have more kinds */
    }
    fflush(stdout);
  }
  /* The last recording ends with the engine. */
  sidetone_engine_shutdown(engine, 2000);
  while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK)
    if (event.kind == SIDETONE_EVENT_RECORD_FINISHED)
      printf("recorded %s: %s\n", event.path.data, sidetone_strerror(event.status));
  sidetone_engine_destroy(engine);
  return EXIT_SUCCESS;
}
