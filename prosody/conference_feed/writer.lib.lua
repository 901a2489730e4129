-- Writes stanzas of bounded size, and bounded time to make them.

local escape = require "util.stanza".xml_escape;
local now = require "util.time".now;

-- A stanza is full once it holds about this much, in bytes, or took this long to make, in seconds.
-- To make it text takes about twice as long again, most of it to collect the garbage, and nobody
-- else is served meanwhile.
local full_bytes = 32 * 1024;
local full_seconds = 0.006;

local writer = {};
writer.__index = writer;

-- As it will stand on the wire, tags and escaping included.
local function element_bytes(name, attributes, text)
	local bytes = 2 * #name + 5;
	for key, value in pairs(attributes) do bytes = bytes + #key + #escape(value) + 4; end
	return text and bytes + #escape(text) or bytes;
end

function writer:open(name, attributes)
	self.bytes = self.bytes + element_bytes(name, attributes);
	self.stanza:tag(name, attributes);
end

function writer:add(name, attributes, text)
	self.bytes = self.bytes + element_bytes(name, attributes, text);
	self.stanza:tag(name, attributes);
	if text then self.stanza:text(text); end
	self.stanza:up();
end

function writer:close()
	self.stanza:up();
end

-- Whether nothing more should be written, such as the next room.
function writer:is_full()
	return self:has_no_room() or self.bytes > 0 and now() >= self.deadline;
end

-- Whether nothing more can be written, so that even a room must be cut in two. Anything fits into
-- an empty stanza. What is cut for its length alone is cut seldom: so many elements take less time
-- than is given.
function writer:has_no_room(more_bytes)
	return self.bytes > 0 and self.bytes + (more_bytes or 0) >= full_bytes;
end

-- Continues a stanza, at the element that is open in it.
local function new(stanza)
	return setmetatable({ stanza = stanza, bytes = 0, deadline = now() + full_seconds }, writer);
end

return { new = new };
