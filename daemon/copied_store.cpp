#include "daemon/copied_store.hpp"

#include "daemon/commands/check_books.hpp"

#include <string>

namespace postern::daemon {
namespace {

Complaint damaged(const std::string& sentence) {
    return Complaint{"the copy is not in order: " + sentence};
}

Complaint unreadable(storage::StoreError error) {
    return Complaint{"the copy cannot be read to its end: " + std::string{to_text(error)}};
}

}  // namespace

// Lets others reach an inspection for as long as it lives.
class CopiedStoreCheck::Watched {
 public:
    Watched(CopiedStoreCheck& check, storage::StoreInspection& inspection) : check_{check} {
        set(&inspection);
    }
    ~Watched() { set(nullptr); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

 private:
    void set(storage::StoreInspection* inspection) {
        const std::lock_guard lock{check_.mutex_};
        check_.inspection_ = inspection;
    }
    CopiedStoreCheck& check_;
};

void CopiedStoreCheck::give_up() {
    const std::lock_guard lock{mutex_};
    if (inspection_ != nullptr) inspection_->interrupt();
}

// Sums over damaged pages say nothing, so the books come after the pages.
Result<void, Complaint> CopiedStoreCheck::run(const std::filesystem::path& directory) {
    const auto inspection = storage::inspect_sqlite(directory);
    if (!inspection) return Complaint{inspection.error().message};
    const Watched watched{*this, **inspection};
    const auto damage = (*inspection)->find_damage();
    if (!damage) return unreadable(damage.error());
    if (!damage->empty()) return damaged(damage->front());
    const auto wrong = commands::check_books((*inspection)->connection());
    if (!wrong) return unreadable(wrong.error());
    if (!wrong->empty()) return damaged(wrong->front());
    return {};
}

}  // namespace postern::daemon
