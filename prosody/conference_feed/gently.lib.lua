-- Keeps a snapshot from stopping the whole server. A snapshot makes garbage, and by Prosody's default
-- the collector, once begun, does nearly all of its round in one go: whoever happens to be served
-- then waits for all of it, 90 ms with 10,000 rooms. While a snapshot goes on it takes small steps.

local now = require "util.time".now;

-- The collector's work for each byte that is made, in per cent. Prosody has 500; with 20 a round is
-- over before the server has grown by a tenth.
local gentle_speed = 20;
-- For how long after a page, in seconds: until it is written to the socket, or the next is asked for.
local linger_seconds = 1;

-- Of all MUC services in this Prosody, since there is one collector: how many go gently, and the
-- speed that was set before.
local shared = module:shared("/*/conference_feed/collector");

local gently = { ends_at = nil };

-- From now on, until this has not been called for a while.
function gently:go_on()
	local was_gentle = self.ends_at ~= nil;
	self.ends_at = now() + linger_seconds;
	if was_gentle then return; end
	shared.users = (shared.users or 0) + 1;
	if shared.users == 1 then
		local is_known, speed = pcall(collectgarbage, "setstepmul", gentle_speed);
		shared.speed = is_known and speed or nil;
	end
	module:add_timer(linger_seconds, function ()
		if not self.ends_at then return; end
		if now() < self.ends_at then return self.ends_at - now(); end
		self:stop();
	end);
end

function gently:stop()
	if not self.ends_at then return; end
	self.ends_at = nil;
	shared.users = shared.users - 1;
	if shared.users == 0 and shared.speed then collectgarbage("setstepmul", shared.speed); end
end

return gently;
