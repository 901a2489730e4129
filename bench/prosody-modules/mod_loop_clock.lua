-- Measures for how long Prosody serves nobody else: each piece of work that its event loop does
-- without a pause, which is what comes of one read from a connection, one write to it, or one timer.
-- Processor time tells what Prosody did itself; the time that passed holds what else the machine
-- did as well. It reaches into net.server_epoll, the loop of Prosody 0.12 and 13.
--
-- Component "clock.example.org" "loop_clock"
--
-- An IQ of type get answers with the pieces since the one before it, in ms:
-- <work xmlns='urn:x-conference:loop-clock' cpu='0.4 0.1 ...' wall='0.9 0.3 ...'/>

local st = require "util.stanza";
local timer = require "util.timer";
local monotonic = require "util.time".monotonic;

local xmlns = "urn:x-conference:loop-clock";
-- Shorter pieces are left out of the answer, which would be long.
local shortest_seconds = 0.0001;

local cpu_times, wall_times = {}, {};

local function note(list, seconds)
	if seconds >= shortest_seconds then list[#list + 1] = ("%.2f"):format(seconds * 1000); end
end

local function measured(work)
	return function (...)
		local cpu, wall = os.clock(), monotonic();
		local result, err = work(...);
		note(cpu_times, os.clock() - cpu);
		note(wall_times, monotonic() - wall);
		return result, err;
	end
end

-- Timers that are set from now on.
local add_task = timer.add_task;
function timer.add_task(delay, callback, param)
	return add_task(delay, measured(callback), param);
end

-- All connections are of one class, which the first one shows.
local is_measuring = false;
local function measure_connections(conn)
	if is_measuring then return; end
	is_measuring = true;
	local class = getmetatable(conn).__index;
	class.onreadable, class.onwritable = measured(class.onreadable), measured(class.onwritable);
end

module:hook("iq-get/host/" .. xmlns .. ":work", function (event)
	measure_connections(event.origin.conn);
	local attributes = { xmlns = xmlns, cpu = table.concat(cpu_times, " "), wall = table.concat(wall_times, " ") };
	cpu_times, wall_times = {}, {};
	event.origin.send(st.reply(event.stanza):tag("work", attributes));
	return true;
end);
