/* Lists the sound cards, and which of them the engine would use. */
#include <stdio.h>
#include <stdlib.h>

#include "sidetone.h"

static void print_device(sidetone_engine *engine, uint32_t index) {
  sidetone_device_info info;
  char id[256];
  char name[256];

  info.size = sizeof info;
  if (sidetone_device_info_read(engine, index, &info) < 0) return;
  sidetone_device_text_read(engine, index, SIDETONE_DEVICE_TEXT_ID, id, sizeof id, NULL);
  sidetone_device_text_read(engine, index, SIDETONE_DEVICE_TEXT_NAME, name, sizeof name, NULL);
  printf("%-40s%s%s%s%s\n    %s\n", name,
         info.flags & SIDETONE_DEVICE_CAPTURES ? " microphone" : "",
         info.flags & SIDETONE_DEVICE_DEFAULT_CAPTURE ? " (default)" : "",
         info.flags & SIDETONE_DEVICE_PLAYS ? " loudspeaker" : "",
         info.flags & SIDETONE_DEVICE_DEFAULT_PLAYBACK ? " (default)" : "", id);
}

int main(void) {
  sidetone_engine *engine = NULL;
  uint32_t count = 0;
  uint32_t index;
  int32_t status;

  if (sidetone_has_feature("audio", -1) != 1) {
    printf("this build has no sound cards\n");
    return EXIT_SUCCESS;
  }
  status = sidetone_engine_create(NULL, &engine);
  if (status < 0) {
    fprintf(stderr, "create: %s\n", sidetone_strerror(status));
    return EXIT_FAILURE;
  }
  status = sidetone_device_list(engine, &count);
  if (status == SIDETONE_ERR_NO_DEVICE) {
    count = 0;
  } else if (status < 0) {
    char text[256];
    sidetone_last_error(text, sizeof text, NULL);
    fprintf(stderr, "devices: %s\n", text);
    sidetone_engine_destroy(engine);
    return EXIT_FAILURE;
  }
  printf("%u sound cards\n", (unsigned)count);
  for (index = 0; index < count; ++index) print_device(engine, index);
  sidetone_engine_destroy(engine);
  return EXIT_SUCCESS;
}
