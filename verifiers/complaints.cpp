#include "verifiers/complaints.hpp"

namespace postern::verifiers {

std::optional<Complaint> complaints_of(SettingsReader& reader) {
    reader.allow_prefix("sandbox_");
    Complaint all;
    for (const std::string& complaint : reader.finish()) {
        if (!all.message.empty()) all.message += "; ";
        all.message += complaint;
    }
    if (all.message.empty()) return std::nullopt;
    return all;
}

}  // namespace postern::verifiers
