#include "daemon/commands/check_store.hpp"

#include "daemon/assembly.hpp"
#include "daemon/commands/check_books.hpp"
#include "storage/sqlite/store_inspection.hpp"

#include <utility>

namespace postern::daemon::commands {
namespace {

using Sentences = std::vector<std::string>;

int complain_of_sentences(const Sentences& sentences) {
    for (const std::string& sentence : sentences) complain({printable(sentence)});
    return kExitFailed;
}

int complain_of(std::string_view what, storage::StoreError error) {
    std::string message{what};
    message += ": the store answered ";
    message += storage::to_text(error);
    return complain({std::move(message)});
}

}  // namespace

// Sums over damaged pages say nothing, so the books come second.
int run_check_store(const ConfigOptions& options) {
    const auto config = load_config(options);
    if (!config) return complain_of_all(config.error());
    const std::filesystem::path directory = store_options(*config).directory;
    const auto inspection = storage::inspect_sqlite(directory);
    if (!inspection) return complain({inspection.error().message});
    const auto damage = (*inspection)->find_damage();
    if (!damage) return complain_of("the store cannot be read to its end", damage.error());
    if (!damage->empty()) return complain_of_sentences(*damage);
    const auto wrong = check_books((*inspection)->connection());
    if (!wrong) return complain_of("the books cannot be read", wrong.error());
    if (!wrong->empty()) return complain_of_sentences(*wrong);
    print("The store " + directory.string() + " is in order, and its books balance.\n");
    return kExitFine;
}

}  // namespace postern::daemon::commands
