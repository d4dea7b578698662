#include "storage/database.hpp"

#include "core/assert.hpp"

namespace postern::storage {

Result<void, StoreError> Query::run() {
    const auto step = statement_->step();
    if (!step) return step.error();
    POSTERN_ASSERT(*step == Step::done);
    return {};
}

}  // namespace postern::storage
