// What a CRM does with a phone: click to dial, a screen pop for whoever calls, a log of the calls.
//
//   ClickToDial LOG [sip:user@host]
//
// LOG: a CSV file that gets a line for each call. With an address it dials, without it answers; it ends
// after one call. Enter or Ctrl-C hangs up; the second Ctrl-C ends it at once, and the far end does not
// hear of that. The class Desk is as a form would have it: everything happens on one thread, that of the
// message loop, and needs no lock. In Windows Forms the loop is Application.Run, Loop is not needed, and
// Desk is made in the form's constructor; then ScreenPop shows the customer's record. A form that is
// closed calls HangUp, and waits for Ended, if the call is to be logged.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
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
    /// <summary>The first line of the log. Times are in UTC, as ISO 8601 writes them; the SIP code is
    /// that of the answer to the INVITE.</summary>
    private const string Heading =
        "\"begin\",\"direction\",\"far end\",\"name\",\"asserted\"," +
        "\"talked ms\",\"sip code\",\"end\"\r\n";

    private readonly Engine engine;
    private readonly string log;
    private readonly Dictionary<ulong, CallRecord> calls = new Dictionary<ulong, CallRecord>();

    /// <summary>Somebody calls: show who.</summary>
    internal event Action<CallRecord> ScreenPop;

    /// <summary>A call has another state (Constants.Call*), for the reason that the text tells.</summary>
    internal event Action<uint, string> StateChanged;

    /// <summary>A call is over, and logged.</summary>
    internal event Action<CallRecord> Ended;

    /// <summary>What is told of the sound card.</summary>
    internal event Action<string> Sound;

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

    /// <summary>Hangs up every call; false when there is none. Their ends follow.</summary>
    internal bool HangUp()
    {
        foreach (ulong call in calls.Keys)
        {
            try
            {
                engine.CallHangup(call);
            }
            catch (SidetoneException)
            {
                // It ended just now; the event waits.
            }
        }
        return calls.Count > 0;
    }

    private void Take(Engine from, Event next)
    {
        if (next.Kind == EventDevice && next.State != DeviceStateClosed)
            Sound?.Invoke(next.Loudspeaker + " " + next.Text);
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
        StateChanged?.Invoke(next.State, next.Text);
        if (next.State == CallConnected) call.ConnectedNs = next.TimeNs;
        if (next.State != CallEnded) return;
        calls.Remove(next.Call);
        bool answered = call.ConnectedNs != 0;
        ulong ms = answered ? (next.TimeNs - call.ConnectedNs) / 1000000 : 0;
        string[] line =
        {
            call.Begin.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            call.Direction, call.FarEnd, call.Name, call.Asserted, ms.ToString(),
            (answered ? 200 : next.SipCode).ToString(), Library.StrError(next.Status),
        };
        if (!File.Exists(log)) File.WriteAllText(log, Heading);
        File.AppendAllText(log, string.Join(",", line.Select(Quoted)) + "\r\n");
        Ended?.Invoke(call);
    }

    private static string Quoted(string text) => "\"" + text.Replace("\"", "\"\"") + "\"";

    /// <summary>Hangs up what is up, without a line in the log.</summary>
    public void Dispose() => engine.Dispose();
}

internal static class ClickToDial
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length < 1)
        {
            Console.Error.WriteLine("usage: ClickToDial LOG [sip:user@host]");
            return 1;
        }
        var loop = new Loop();
        SynchronizationContext.SetSynchronizationContext(loop);
        try
        {
            using (var desk = new Desk(arguments[0])) Run(loop, desk, arguments.ElementAtOrDefault(1));
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }

    private static void Run(Loop loop, Desk desk, string uri)
    {
        desk.ScreenPop += call =>
            Console.WriteLine("screen pop: " + call.Name + " <" + call.FarEnd + "> " + call.Asserted);
        desk.StateChanged += (state, text) => Console.WriteLine("call state " + state + " " + text);
        desk.Sound += text => Console.WriteLine("sound: " + text);
        desk.Ended += call => loop.Quit();
        SendOrPostCallback hangUp = _ =>
        {
            if (!desk.HangUp()) loop.Quit();
        };
        int asked = 0;
        Console.CancelKeyPress += (sender, key) =>
        {
            key.Cancel = Interlocked.Increment(ref asked) == 1;
            loop.Post(hangUp, null);
        };
        var keys = new Thread(() =>
        {
            while (Console.ReadLine() != null) loop.Post(hangUp, null);
        });
        keys.IsBackground = true;
        keys.Start();
        if (uri != null) desk.Dial(uri);
        Console.WriteLine("listening on " + desk.Address);
        loop.Run();
    }
}
