-- Rooms of which something is to be told: collected for a moment, then sent in numbered batches.

local writers = module:require "writer";
local rooms = module:require "room";
local escape = writers.escape;

-- How long changes are collected before they are sent, in seconds.
local collect_seconds = 0.003;

local changes = {};
changes.__index = changes;

-- `feed` is what the parts of this module share: xmlns, life, number, listener, told.
local function new(feed)
	return setmetatable({ feed = feed }, changes):reset();
end

function changes:reset()
	-- Room JID -> what of it is to be told; is_gone: that an earlier room of this name has ended.
	self.dirty = {};
	-- Their JIDs in the order of their turn.
	self.queue, self.first, self.last = {}, 1, 0;
	return self;
end

function changes:enqueue(room_jid)
	self.last = self.last + 1;
	self.queue[self.last] = room_jid;
end

function changes:schedule(seconds)
	if self.is_scheduled then return; end
	self.is_scheduled = true;
	module:add_timer(seconds, function ()
		self.is_scheduled = false;
		self:flush();
	end);
end

function changes:touch(room_jid)
	local change = self.dirty[room_jid];
	if not change then
		change = rooms.new_change();
		self.dirty[room_jid] = change;
		self:enqueue(room_jid);
	end
	self:schedule(collect_seconds);
	return change;
end

function changes:touch_room(room)
	local change = self:touch(room.jid);
	-- Swapped to disk and back, it is another object: what was begun with the old one begins again.
	if change.part and change.room ~= room then change.is_whole = true; end
	change.room = room;
	return change;
end

function changes:touch_gone(room_jid)
	self.dirty[room_jid] = nil;
	local change = self:touch(room_jid);
	change.is_gone = true;
end

-- Whether the whole of the room is on its way, and not all of it has been sent.
function changes:is_telling(room_jid)
	local change = self.dirty[room_jid];
	return change ~= nil and (change.is_whole or change.part ~= nil);
end

-- The whole of the room is about to be told elsewhere: what waits here has become needless.
function changes:cover(room_jid)
	local change = self.dirty[room_jid];
	if change and not change.is_gone then self.dirty[room_jid] = nil; end
end

function changes:write(writer, room_jid, change)
	local feed = self.feed;
	if change.is_gone then
		rooms.write_flag(writer, room_jid, "gone");
		change.is_gone = nil;
		feed.told[room_jid] = nil;
	end
	if not change.room then return true; end
	if change.is_whole or not feed.told[room_jid] then
		rooms.make_whole(change);
		change.is_whole = nil;
		feed.told[room_jid] = true;
	end
	return rooms.write(writer, change, feed.listener, feed.domains);
end

function changes:flush()
	local feed = self.feed;
	if not feed.listener or feed.is_stopping or feed.session.destroyed then self:reset(); return; end
	local writer = writers.new();
	while self.first <= self.last and not writer:is_full() do
		local room_jid = self.queue[self.first];
		self.queue[self.first] = nil;
		self.first = self.first + 1;
		local change = self.dirty[room_jid];
		if change and self:write(writer, room_jid, change) then
			self.dirty[room_jid] = nil;
		elseif change then
			self:enqueue(room_jid);
			break;
		end
	end
	-- Others come first: the rest goes with the next turn of the loop.
	if self.first <= self.last then self:schedule(0); end
	if writer.bytes > 0 then self:send(writer); end
end

-- Sends the rooms that were written as the next batch.
function changes:send(writer)
	local feed = self.feed;
	feed.number = feed.number + 1;
	feed.session.send(writer:text(
		"<message from='" .. escape(module.host) .. "' to='" .. escape(feed.listener) .. "'>" .. feed:open_tag("batch"),
		"</batch></message>"
	));
end

return { new = new };
