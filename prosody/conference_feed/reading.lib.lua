-- Reads one room as it is, in pages, beside everything that is told.

local rooms = module:require "room";
local snapshots = module:require "snapshot";

local readings = { find_room = snapshots.find_room };
readings.__index = readings;

local function new(feed, muc, room_jid)
	return setmetatable({ feed = feed, muc = muc, jids = { room_jid }, next_page = 0 }, readings);
end

function readings:is_over()
	return self.is_done;
end

-- Writes the next page; nothing where there is no such room.
function readings:write_page(writer)
	self.next_page = self.next_page + 1;
	local room_jid = self.jids[1];
	local room = self:find_room(room_jid);
	if room == false then
		rooms.write_flag(writer, room_jid, "unreadable");
	elseif room then
		-- Made anew or swapped in meanwhile: it is another object.
		if not self.change or self.change.room ~= room then
			self.change = rooms.new_change(room);
			rooms.make_whole(self.change);
		end
		self.is_done = rooms.write(writer, self.change, self.feed.listener, self.feed.domains);
		return;
	end
	self.is_done = true;
end

return { new = new };
