-- Reads a room that Prosody has swapped to disk, and leaves it there: Prosody's own way to read one
-- puts another out of memory for it, and writes that one to disk.

local jid = require "util.jid";

local configs = module:open_store("config");
local states = module:open_store("state");

-- @see muc.lib.lua: freeze, both of its formats
local function affiliations_of(config)
	if config.jid and config._affiliations then return config._affiliations; end
	local affiliations = {};
	for key, value in pairs(config) do
		local _, host, resource = jid.split(key);
		if type(value) == "string" and host and host:sub(1, 1) ~= "_" and not resource then
			affiliations[key] = value;
		end
	end
	return affiliations;
end

-- @see muc.lib.lua: restore_room. An occupant has a role, and a session that has not ended.
local function occupants_of(state, room_jid)
	local present, occupants = {}, {};
	for _, value in pairs(state) do
		if type(value) == "table" and value.name == "presence" and not value.attr.type then
			present[value.attr.from] = true;
		end
	end
	for key, value in pairs(state) do
		if present[key] and jid.bare(key) == room_jid and value.bare_jid and value.role then
			occupants[key] = { nick = key, bare_jid = value.bare_jid, role = value.role };
		end
	end
	return occupants;
end

-- A copy of the room, that nothing but reading may be done with; nil where there is none; false
-- where it cannot be read.
local function read(muc, room_jid)
	local node = jid.node(room_jid);
	local config, err = configs:get(node);
	if not config and not err then return nil; end
	local state;
	if config then state, err = states:get(node); end
	if err then
		module:log("error", "The stored room %s cannot be read: %s", room_jid, err);
		return false;
	end
	local room = muc.new_room(room_jid, config._data);
	room._affiliations = affiliations_of(config);
	room._occupants = occupants_of(state or config, room_jid);
	return room;
end

return { read = read };
