/* wine 8 lacks the DLL of which Rust's library takes random numbers; Windows has it since version 7.
 * For the tests in wine alone: it stands beside their programs, and is never shipped. */
#include <windows.h>

/* RtlGenRandom of advapi32. */
BOOLEAN NTAPI SystemFunction036(void *bytes, ULONG count);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *bytes, SIZE_T count) {
  for (; count > 0xFFFF; bytes += 0xFFFF, count -= 0xFFFF)
    if (!SystemFunction036(bytes, 0xFFFF)) return FALSE;
  return SystemFunction036(bytes, (ULONG)count);
}
