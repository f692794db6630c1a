/* Places many calls at once, plays an announcement into each if one is given, and hangs up.
 *
 *   dialer sip:bob@192.0.2.7 [CALLS [SECONDS [WAV]]]
 *
 * Exit status: 0 when every call was answered and heard the far end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sidetone.h"

struct campaign {
  const char *wav;
  int32_t talk_ms;
  unsigned dialed, answered, heard, refused, ended;
};

static void hang_up_all(sidetone_engine *engine, struct campaign *campaign) {
  uint64_t calls[1000];
  uint32_t count = 0;
  uint32_t index;
  sidetone_call_stats stats;

  stats.size = sizeof stats;
  sidetone_call_list(engine, calls, 1000, &count);
  for (index = 0; index < count && index < 1000; ++index) {
    if (sidetone_call_stats_read(engine, calls[index], &stats) == SIDETONE_OK &&
        stats.packets_received > 0)
      ++campaign->heard;
    sidetone_call_hangup(engine, calls[index], NULL);
  }
}

static void on_call_state(sidetone_engine *engine, struct campaign *campaign,
                          const sidetone_event *event) {
  if (event->state == SIDETONE_CALL_CONNECTED) {
    ++campaign->answered;
    if (campaign->wav) sidetone_call_play(engine, event->call, campaign->wav, -1, NULL, NULL);
  } else if (event->state == SIDETONE_CALL_ENDED) {
    ++campaign->ended;
    if (event->status != SIDETONE_OK) {
      ++campaign->refused;
      printf("call %llx: %u %s\n", (unsigned long long)event->call, (unsigned)event->sip_code,
             event->text.data);
    }
  }
}

static void run(sidetone_engine *engine, struct campaign *campaign) {
  enum { CALLING, TALKING, ENDING } phase = CALLING;
  sidetone_event event;
  int32_t status = SIDETONE_OK;

  event.size = sizeof event;
  while (campaign->ended < campaign->dialed && status == SIDETONE_OK) {
    status = sidetone_event_next(engine, phase == TALKING ? campaign->talk_ms : 60000, &event);
    if (status == SIDETONE_OK && event.kind == SIDETONE_EVENT_CALL) {
      on_call_state(engine, campaign, &event);
      if (phase == CALLING && campaign->answered + campaign->refused == campaign->dialed)
        phase = TALKING;
    } else if (status == SIDETONE_ERR_TIMEOUT && phase == TALKING) {
      hang_up_all(engine, campaign); /* nothing happened for the talking time */
      phase = ENDING;
      status = SIDETONE_OK;
    }
  }
}

int main(int argc, char **argv) {
  struct campaign campaign = {NULL, 2000, 0, 0, 0, 0, 0};
  unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 20;
  sidetone_engine_config config;
  sidetone_dial_options options;
  sidetone_header header;
  sidetone_engine *engine = NULL;
  int32_t status;

  if (argc < 2 || count > 1000) {
    fprintf(stderr, "usage: dialer URI [CALLS up to 1000 [SECONDS [WAV]]]\n");
    return EXIT_FAILURE;
  }
  if (argc > 3) campaign.talk_ms = atoi(argv[3]) * 1000;
  if (argc > 4) campaign.wav = argv[4];

  sidetone_engine_config_init(&config, sizeof config);
  config.max_calls = count;
  status = sidetone_engine_create(&config, &engine);
  if (status < 0) {
    fprintf(stderr, "create: %s\n", sidetone_strerror(status));
    return EXIT_FAILURE;
  }
  sidetone_dial_options_init(&options, sizeof options);
  sidetone_header_set(&header, "X-Campaign", "spring");
  options.headers.data = &header;
  options.headers.count = 1;
  options.codecs[0] = SIDETONE_CODEC_PCMA; /* what telephone networks have anyway */
  options.codecs[1] = SIDETONE_CODEC_PCMU;
  while (campaign.dialed < count && status == SIDETONE_OK) {
    uint64_t call;
    status = sidetone_call_dial(engine, SIDETONE_ID_NONE, argv[1], -1, &options, &call, NULL);
    if (status == SIDETONE_OK) ++campaign.dialed;
  }
  if (status < 0) fprintf(stderr, "dial: %s\n", sidetone_strerror(status));
  run(engine, &campaign);
  printf("%u dialed, %u answered, %u heard the far end, %u failed\n", campaign.dialed,
         campaign.answered, campaign.heard, campaign.refused);
  sidetone_engine_destroy(engine);
  return campaign.heard == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
