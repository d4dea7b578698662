#include "storage/database.hpp"

#include "core/assert.hpp"

namespace postern::storage {

Result<void, StoreError> Statement::queue() {
    const auto done = step();
    if (!done) return done.error();
    POSTERN_ASSERT(*done == Step::done);
    return {};
}

}  // namespace postern::storage
