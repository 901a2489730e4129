-- Keeps a snapshot from stopping the whole server. Lua's collector works in proportion to what was
-- made since its last step, all at once. So one large piece of memory, such as a list of 10,000 rooms
-- or the doubling of Lua's own table of strings, makes whoever happens to be served wait for a whole
-- round: 90 ms with 10,000 rooms. Here nothing is collected while a page is made, and afterwards
-- something for a short time, whatever was made.

local now = require "util.time".now;
local timer = require "util.timer";

-- For how long something is collected at a time, in seconds.
local collect_seconds = 0.004;
-- The collector's own work for each byte that is made beside the pages, in per cent. Prosody has 500.
local gentle_speed = 4;
-- For how long after a page, in seconds: until it is written to the socket, or the next is asked for.
local linger_seconds = 1;
-- How long others are served, in seconds, between two steps of ending a round.
local rest_seconds = 0.010;

-- Generational, it has neither steps nor speed. How it goes is not to be asked, only set.
local is_incremental = (module:get_option("gc") or {}).mode ~= "generational";

-- Of all MUC services in this Prosody, since there is one collector: how many go gently, and the
-- speed that was set before.
local shared = module:shared("/*/conference_feed/collector");

local gently = { ends_at = nil };

-- True once the collector's round is over.
local function collect()
	local ends_at = now() + collect_seconds;
	repeat
		if collectgarbage("step", 0) then return true; end
	until now() >= ends_at;
	return false;
end

-- From now on, until this has not been called for a while.
local function go_on(self)
	local was_gentle = self.ends_at ~= nil;
	self.ends_at = now() + linger_seconds;
	if was_gentle then return; end
	shared.users = (shared.users or 0) + 1;
	if shared.users == 1 then
		-- Lua 5.5 does not know it.
		local is_known, speed = pcall(collectgarbage, "setstepmul", gentle_speed);
		shared.speed = is_known and speed or nil;
	end
	module:add_timer(linger_seconds, function ()
		if not self.ends_at then return; end
		if now() < self.ends_at then return self.ends_at - now(); end
		-- What is left of a round would be done in few large steps.
		if not collect() then return rest_seconds; end
		self:stop();
	end);
end

-- Does a piece of work and returns what it returns.
function gently:run(work)
	if not is_incremental then return work(); end
	go_on(self);
	collectgarbage("stop");
	local is_over = false;
	-- A storage driver may wait for an answer, and Prosody serve others until that comes, if it comes.
	timer.add_task(0, function ()
		if not is_over then collectgarbage("restart"); end
	end);
	local is_done, result = xpcall(work, debug.traceback);
	is_over = true;
	collectgarbage("restart");
	if not is_done then error(result, 0); end
	collect();
	return result;
end

function gently:stop()
	if not self.ends_at then return; end
	self.ends_at = nil;
	shared.users = shared.users - 1;
	if shared.users == 0 and shared.speed then collectgarbage("setstepmul", shared.speed); end
end

return gently;
