#include "storage/values.hpp"

#include "core/assert.hpp"

namespace postern::storage {

std::string_view to_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::verified: return "verified";
        case Verdict::unrecognised: return "unrecognised";
        case Verdict::malformed: return "malformed";
        case Verdict::duplicate: return "duplicate";
    }
    POSTERN_ASSERT(!"a Verdict without a name");
}

}  // namespace postern::storage
