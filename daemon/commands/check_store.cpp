#include "daemon/commands/check_store.hpp"

#include "daemon/assembly.hpp"
#include "daemon/commands/check_books.hpp"
#include "daemon/commands/shared_store.hpp"
#include "storage/sqlite/store_inspection.hpp"

#include <utility>

namespace postern::daemon::commands {
namespace {

using Sentences = std::vector<std::string>;

std::vector<Complaint> to_complaints(const Sentences& sentences) {
    std::vector<Complaint> complaints;
    for (const std::string& sentence : sentences) complaints.push_back({printable(sentence)});
    return complaints;
}

Complaint complaint_of(std::string_view what, storage::StoreError error) {
    std::string message{what};
    message += ": the store answered ";
    message += storage::to_text(error);
    return {std::move(message)};
}

}  // namespace

// Sums over damaged pages say nothing, so the books come second.
Result<Sentences, Complaint> find_store_faults(const std::filesystem::path& directory) {
    const auto inspection = storage::inspect_sqlite(directory);
    if (!inspection) return Complaint{inspection.error().message};
    auto damage = (*inspection)->find_damage();
    if (!damage) return complaint_of("the store cannot be read to its end", damage.error());
    if (!damage->empty()) return std::move(*damage);
    auto wrong = check_books((*inspection)->connection());
    if (!wrong) return complaint_of("the books cannot be read", wrong.error());
    return std::move(*wrong);
}

int run_check_store(const CheckOptions& options, const Clock& clock) {
    const auto config = load_config(options.config);
    if (!config) return report_complaints(config.error(), options.output);
    const std::filesystem::path directory = store_options(*config).directory;
    const bool shared = config->storage.is_shared();
    const auto faults =
        shared ? find_shared_store_faults(*config, clock) : find_store_faults(directory);
    if (!faults) return report_complaints(std::vector{faults.error()}, options.output);
    if (!faults->empty() || options.output == Output::json) {
        return report_complaints(to_complaints(*faults), options.output);
    }
    const std::string name = shared ? "in PostgreSQL" : directory.string();
    print("The store " + name + " is in order, and its books balance.\n");
    return kExitFine;
}

}  // namespace postern::daemon::commands
