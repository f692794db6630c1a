/* How many threads of the library a program for Windows has, and how many at all:
 *
 *   inspect PROGRAM.EXE
 *
 * The library names its threads, and Windows tells the names. */
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <tlhelp32.h>

typedef HRESULT(WINAPI *get_description)(HANDLE thread, PWSTR *description);

/* Not in mingw's import libraries. */
static get_description find_get_description(void) {
  get_description found;
  FARPROC symbol = GetProcAddress(GetModuleHandleA("kernelbase.dll"), "GetThreadDescription");
  memcpy(&found, &symbol, sizeof found);
  return found;
}

static DWORD find_process(const char *name) {
  PROCESSENTRY32 process;
  DWORD id = 0;
  HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  process.dwSize = sizeof process;
  if (Process32First(all, &process)) do
      if (_stricmp(process.szExeFile, name) == 0) id = process.th32ProcessID;
    while (Process32Next(all, &process));
  CloseHandle(all);
  return id;
}

static int is_ours(DWORD id, get_description description_of) {
  PWSTR text = NULL;
  int ours = 0;
  HANDLE thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, id);
  if (thread == NULL) return 0;
  if (SUCCEEDED(description_of(thread, &text)) && text != NULL) {
    ours = wcsncmp(text, L"sidetone-", 9) == 0;
    LocalFree(text);
  }
  CloseHandle(thread);
  return ours;
}

int main(int argc, char **argv) {
  THREADENTRY32 thread;
  unsigned ours = 0, threads = 0;
  DWORD id = argc > 1 ? find_process(argv[1]) : 0;
  get_description description_of = find_get_description();
  HANDLE all;
  if (id == 0 || description_of == NULL) return 1;
  all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  thread.dwSize = sizeof thread;
  if (Thread32First(all, &thread)) do
      if (thread.th32OwnerProcessID == id) {
        ++threads;
        ours += (unsigned)is_ours(thread.th32ThreadID, description_of);
      }
    while (Thread32Next(all, &thread));
  CloseHandle(all);
  printf("%u of %u threads\n", ours, threads);
  return 0;
}
