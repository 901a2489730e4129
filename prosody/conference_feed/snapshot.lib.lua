-- Tells every room there is, in pages that are asked for one by one.

local jid = require "util.jid";

local rooms = module:require "room";

local snapshots = {};
snapshots.__index = snapshots;

-- The JIDs of all rooms: those in memory, and those that are on disk alone.
local function list_room_jids(muc)
	local jids, seen = {}, {};
	local function add(room_jid)
		if seen[room_jid] or not jid.node(room_jid) then return; end
		seen[room_jid] = true;
		table.insert(jids, room_jid);
	end
	for room in muc.live_rooms() do add(room.jid); end
	local stored, err = module:open_store("persistent"):get(nil);
	if err then return nil, err; end
	for room_jid in pairs(stored or {}) do add(room_jid); end
	return jids;
end

-- Begins a snapshot; nil and an error when the list of rooms cannot be read.
local function new(feed, changes, muc)
	local jids, err = list_room_jids(muc);
	if not jids then return nil, err; end
	return setmetatable({
		feed = feed, changes = changes, muc = muc, jids = jids, index = 1, next_page = 0;
	}, snapshots);
end

function snapshots:is_over()
	return self.index > #self.jids;
end

-- The room is told from the beginning again, if it is the one that is being told.
function snapshots:begin_again(room_jid)
	if self.change and self.change.room.jid == room_jid then
		self.change = nil;
		return true;
	end
end

-- The room, nil where there is none or a tombstone, false where it is there and cannot be read.
-- Rooms swapped to disk are read back.
function snapshots:find_room(room_jid)
	-- To read a room back for this is no news of it.
	self.is_reading = true;
	local ok, room = pcall(self.muc.get_room_from_jid, room_jid);
	self.is_reading = false;
	if not ok then
		module:log("error", "The room %s cannot be read: %s", room_jid, room);
		return false;
	end
	-- A room that storage fails to read is one that answers nobody.
	if room and rawget(room, "handle_first_presence") then return false; end
	if room and room._data.destroyed then return nil; end
	return room;
end

-- Writes the room at the index, or goes on with it; true when nothing of it is left.
function snapshots:write_room(writer)
	local room_jid = self.jids[self.index];
	local room = self:find_room(room_jid);
	if room == false then
		writer:add("room", { id = jid.node(room_jid), unreadable = "1" });
	elseif room then
		if not self.change or self.change.room ~= room then
			self.change = rooms.new_change(room);
			rooms.make_whole(self.change);
			self.changes:cover(room_jid);
			self.feed.told[room_jid] = true;
		end
		if not rooms.write(writer, self.change, self.feed.listener, self.feed.domain) then return false; end
	end
	self.change = nil;
	return true;
end

-- Writes the next page.
function snapshots:write_page(writer)
	self.next_page = self.next_page + 1;
	while not self:is_over() and not writer:is_full() do
		if not self:write_room(writer) then return; end
		self.index = self.index + 1;
	end
end

return { new = new };
