// What a CRM does with a phone: click to dial, a screen pop for whoever calls, a log of the calls.
//
//   ClickToDial LOG [sip:user@host]
//
// LOG: a CSV file that gets a line for each call. With an address it dials, without it answers; it ends
// after one call. The class Desk is as a form would have it: everything happens on one thread, that of
// the message loop, and needs no lock. In Windows Forms the loop is Application.Run, Loop is not needed,
// and Desk is made in the form's constructor; then ScreenPop shows the customer's record.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Sidetone;
using static Sidetone.Constants;

/// <summary>A message loop as Windows Forms and WPF have one.</summary>
internal sealed class Loop : SynchronizationContext
{
    private readonly BlockingCollection<Action> waiting = new BlockingCollection<Action>();

    public override void Post(SendOrPostCallback callback, object state) =>
        waiting.Add(() => callback(state));

    internal void Run()
    {
        for (Action next; (next = waiting.Take()) != null;) next();
    }

    /// <summary>What is posted behind this is not done any more.</summary>
    internal void Quit() => waiting.Add(null);
}

/// <summary>One call, for the log.</summary>
internal sealed class CallRecord
{
    internal DateTime Begin = DateTime.UtcNow;
    internal string Direction, FarEnd, Name = "", Asserted = "";
    internal ulong ConnectedNs;
}

/// <summary>The phone of a form.</summary>
internal sealed class Desk : IDisposable
{
    private readonly Engine engine;
    private readonly string log;
    private readonly Dictionary<ulong, CallRecord> calls = new Dictionary<ulong, CallRecord>();

    /// <summary>Somebody calls: show who.</summary>
    internal event Action<CallRecord> ScreenPop;

    /// <summary>A call is over.</summary>
    internal event Action<CallRecord> Ended;

    internal Desk(string log)
    {
        this.log = log;
        engine = new Engine(new EngineConfig { AudioKind = AudioDevices });
        engine.EventReceived += Take;
        engine.Pump(); // the events come to the loop of this thread
    }

    internal string Address => engine.EngineAddressRead(TransportUdp);

    internal void Dial(string uri)
    {
        ulong call = engine.CallDial(IdNone, uri, null, out _);
        calls[call] = new CallRecord { Direction = "out", FarEnd = uri };
    }

    private void Take(Engine from, Event next)
    {
        if (next.Kind == EventIncomingCall) Incoming(next);
        if (next.Kind == EventCall && calls.TryGetValue(next.Call, out CallRecord call))
            Changed(call, next);
    }

    private void Incoming(Event next)
    {
        var call = new CallRecord { Direction = "in", FarEnd = next.From, Name = next.DisplayName };
        calls[next.Call] = call;
        try
        {
            // Only a network that is trusted can be believed here; see TrustIdentity of AccountServices.
            call.Asserted = engine.CallIdentityRead(next.Call, IdentityAsserted, 0) ?? "";
            ScreenPop?.Invoke(call);
            engine.CallRing(next.Call);
            engine.CallAnswer(next.Call); // a form does so when its button is pressed
        }
        catch (SidetoneException error)
        {
            // The caller has given up before we came to it; the end follows.
            Console.WriteLine("not answered: " + error.Message);
        }
    }

    private void Changed(CallRecord call, Event next)
    {
        if (next.State == CallConnected) call.ConnectedNs = next.TimeNs;
        if (next.State != CallEnded) return;
        calls.Remove(next.Call);
        ulong ms = call.ConnectedNs == 0 ? 0 : (next.TimeNs - call.ConnectedNs) / 1000000;
        string[] line =
        {
            call.Begin.ToString("o"), call.Direction, call.FarEnd, call.Name, call.Asserted,
            ms.ToString(), next.SipCode.ToString(), Library.StrError(next.Status),
        };
        File.AppendAllText(log, string.Join(",", line.Select(Quoted)) + "\r\n");
        Ended?.Invoke(call);
    }

    private static string Quoted(string text) => "\"" + text.Replace("\"", "\"\"") + "\"";

    /// <summary>Hangs up what is up.</summary>
    public void Dispose() => engine.Dispose();
}

internal static class ClickToDial
{
    private static void Main(string[] arguments)
    {
        var loop = new Loop();
        SynchronizationContext.SetSynchronizationContext(loop);
        using (var desk = new Desk(arguments[0]))
        {
            desk.ScreenPop += call =>
                Console.WriteLine("screen pop: " + call.Name + " <" + call.FarEnd + "> " + call.Asserted);
            desk.Ended += call => loop.Quit();
            if (arguments.Length > 1) desk.Dial(arguments[1]);
            Console.WriteLine("listening on " + desk.Address);
            loop.Run();
        }
    }
}
