#include "storage/store_error.hpp"

#include "core/assert.hpp"

namespace postern::storage {

std::string_view to_text(StoreError error) {
    switch (error) {
        case StoreError::busy: return "busy";
        case StoreError::full: return "full";
        case StoreError::poisoned: return "poisoned";
        case StoreError::constraint: return "constraint";
        case StoreError::failed: return "failed";
        case StoreError::too_new: return "too_new";
        case StoreError::locked: return "locked";
        case StoreError::closed: return "closed";
        case StoreError::unavailable: return "unavailable";
    }
    POSTERN_ASSERT(!"a StoreError without a name");
}

}  // namespace postern::storage
