#pragma once

#include <cstdint>
#include <string_view>

namespace postern::storage {

enum class StoreError : std::uint8_t {
    busy,         // somebody else held the store longer than we wait; again later
    full,         // no space: nothing of it happened, and service resumes when there is space
    poisoned,     // the disk lied or failed: this process must end, the next one replays the log
    constraint,   // a row broke a rule of the schema: the unit of work is wrong, not the store
    failed,       // any other refusal; nothing of it happened
    too_new,      // the store was written by a newer program
    locked,       // another daemon owns the store
    closed,       // the store is closing, or closed
    unavailable,  // the server cannot be reached, or did not say whether it committed: ask again
};

std::string_view to_text(StoreError error);

}  // namespace postern::storage
