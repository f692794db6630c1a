// Application domains that run engines are unloaded while calls are up, again and again; and engines
// that nobody disposes are collected while theirs are.
using System;
using System.IO;
using System.Threading;
using Sidetone;
using static Sidetone.Constants;

internal static class Unload
{
    private static void Must(bool holds, string what)
    {
        if (!holds) throw new Exception("not so: " + what);
    }

    /// Threads of the library that this process has.
    private static int Threads()
    {
        int count = 0;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                if (File.ReadAllText(task + "/comm").StartsWith("sidetone-")) ++count;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return count;
    }

    private static Engine MakeEngine() => new Engine(new EngineConfig { Bind = "127.0.0.1" });

    /// Two engines of this domain, and a call between them that stays up. Nobody disposes them.
    private static void BeConnected(bool pumped)
    {
        Engine near = MakeEngine(), far = MakeEngine();
        near.CallDial(IdNone, "sip:b@" + far.EngineAddressRead(TransportUdp), null, out _);
        for (Event next; ;)
        {
            next = far.EventNext(20000);
            Must(next != null, "it rings");
            if (next.Kind == EventIncomingCall) far.CallAnswer(next.Call);
            if (next.Kind == EventCall && next.State == CallConnected) break;
        }
        if (!pumped) return;
        var heard = new ManualResetEvent(false);
        near.EventReceived += (_, next) =>
        {
            if (next.Kind == EventCall && next.State == CallConnected) heard.Set();
        };
        near.Pump();
        Must(heard.WaitOne(20000), "the pump tells of the answer");
    }

    private static void UnloadOne(bool pumped)
    {
        AppDomain domain = AppDomain.CreateDomain("guest");
        if (pumped) domain.DoCallBack(Pumped);
        else domain.DoCallBack(Unpumped);
        Must(Threads() > 0, "engines run");
        AppDomain.Unload(domain);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Must(Threads() == 0, Threads() + " threads are left of a domain, pumped: " + pumped);
    }

    public static void Pumped() => BeConnected(true);

    public static void Unpumped() => BeConnected(false);

    private static void Main()
    {
        for (int round = 0; round < 11; ++round) UnloadOne(round % 2 == 1);
        // On a thread of its own, so that no reference stays on this one's stack.
        var thread = new Thread(Unpumped);
        thread.Start();
        thread.Join();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Must(Threads() == 0, "the finalizers have destroyed the engines");
        Console.WriteLine("all gone");
    }
}
