-- Tells every room there is, in pages that are asked for one by one.

local jid = require "util.jid";

local rooms = module:require "room";
local stored_rooms = module:require "stored_room";

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

-- The room to go on with, nil where there is none, false where there is one that cannot be read.
function snapshots:find_room(room_jid)
	local room = self.feed.live[room_jid];
	if not room and self.change then return self.change.room; end
	if not room then room = stored_rooms.read(self.muc, room_jid); end
	if room and room._data.destroyed then return nil; end
	return room;
end

-- Writes the room at the index, or goes on with it; true when nothing of it is left.
function snapshots:write_room(writer)
	local feed, room_jid = self.feed, self.jids[self.index];
	-- A change since the beginning of the snapshot has made it be told.
	if not self.change and feed.told[room_jid] and not self.changes:is_telling(room_jid) then return true; end
	local room = self:find_room(room_jid);
	if room == false then
		rooms.write_flag(writer, room_jid, "unreadable");
	elseif room then
		-- Ended, made anew or swapped in meanwhile: it is another object.
		if not self.change or self.change.room ~= room then
			self.change = rooms.new_change(room);
			rooms.make_whole(self.change);
			self.changes:cover(room_jid);
			feed.told[room_jid] = true;
		end
		if not rooms.write(writer, self.change, feed.listener, feed.domains) then return false; end
	end
	self.change = nil;
	return true;
end

-- Writes the next page.
function snapshots:write_page(writer)
	self.next_page = self.next_page + 1;
	writer.is_without_max_users = self.is_without_max_users;
	while not self:is_over() and not writer:is_full() do
		if not self:write_room(writer) then break; end
		self.index = self.index + 1;
	end
	self.is_without_max_users = writer.is_without_max_users;
end

return { new = new, find_room = snapshots.find_room };
