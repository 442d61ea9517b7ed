//! What an open keyring knows: the generation's key-encryption key and every wrapped key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::format::{self, Content, Header};
use super::keys::{HOUSE, House};
use super::{Aad, Error, Provider, Secret, Wrapped};
use crate::provider::{Generation, RootRecord};
use crate::random;
use crate::seal::SealKey;

/// One generation. Wrapped keys are unwrapped when used: a million of them are 145 MB here, and no work to open.
pub(super) struct State {
    header: Header,
    keyring: [u8; 16],
    kek: SealKey,
    pub(super) wrapped: HashMap<i64, Wrapped>,
    erased: BTreeSet<i64>,
}

impl State {
    /// A new installation's: new house keys, no owner yet.
    pub(super) fn found(provider: &Provider) -> Result<Self, Error> {
        let keyring = random::bytes::<16>()?;
        let generation = Generation { keyring: &keyring, number: 1 };
        let (root, kek) = provider.found(generation)?;
        let mut house = BTreeMap::new();
        for (number, name) in HOUSE.iter().enumerate() {
            let wrapped = kek.wrap(&house_place(number, generation), &Secret::random()?)?;
            house.insert((*name).to_owned(), URL_SAFE_NO_PAD.encode(wrapped));
        }
        let header = Header {
            format: format::FORMAT,
            keyring: URL_SAFE_NO_PAD.encode(keyring),
            generation: generation.number,
            root,
            house,
        };
        Ok(Self { header, keyring, kek, wrapped: HashMap::new(), erased: BTreeSet::new() })
    }

    /// The state of a file that was read, once the provider's root is known to open it.
    pub(super) fn open(content: Content, provider: &Provider) -> Result<Self, Error> {
        let Content { header, wrapped, erased, torn: _ } = content;
        let id = URL_SAFE_NO_PAD.decode(&header.keyring).map_err(|_| Error::BadHeader)?;
        let keyring: [u8; 16] = id.try_into().map_err(|_| Error::BadHeader)?;
        let generation = Generation { keyring: &keyring, number: header.generation };
        let kek = provider.key(&header.root, generation)?;
        let state = Self { header, keyring, kek, wrapped, erased };
        state.house_secrets().map_err(|error| match error {
            Error::Seal(_) => Error::WrongRoot { given: provider.kind() },
            other => other,
        })?;
        Ok(state)
    }

    /// The same keys without the erased ones, wrapped for the next generation.
    pub(super) fn next_generation(&self, provider: &Provider, erase: &[i64]) -> Result<Self, Error> {
        let number = self.header.generation.checked_add(1).ok_or(Error::BadHeader)?;
        let generation = Generation { keyring: &self.keyring, number };
        let (root, kek) = provider.found(generation)?;
        let mut house = BTreeMap::new();
        for (at, secret) in self.house_secrets()?.iter().enumerate() {
            let wrapped = kek.wrap(&house_place(at, generation), secret)?;
            house.insert(HOUSE[at].to_owned(), URL_SAFE_NO_PAD.encode(wrapped));
        }
        let mut erased = self.erased.clone();
        erased.extend(erase);
        let mut wrapped = HashMap::with_capacity(self.wrapped.len());
        for owner in self.wrapped.keys().filter(|owner| !erased.contains(owner)) {
            let secret = self.unwrap(*owner)?;
            wrapped.insert(*owner, kek.wrap(&owner_place(*owner, generation), &secret)?);
        }
        let header = Header { generation: number, root, house, ..self.header.clone() };
        Ok(Self { header, keyring: self.keyring, kek, wrapped, erased })
    }

    /// New wrapped keys for those of `owners` that have none, each once.
    pub(super) fn wrap_fresh(&self, owners: &[i64]) -> Result<Vec<(i64, Wrapped)>, Error> {
        if let Some(owner) = owners.iter().find(|owner| self.erased.contains(owner)) {
            return Err(Error::Erased(*owner));
        }
        let missing: BTreeSet<i64> =
            owners.iter().copied().filter(|owner| !self.wrapped.contains_key(owner)).collect();
        let wrap = |owner| {
            let place = owner_place(owner, self.place());
            Ok((owner, self.kek.wrap(&place, &Secret::random()?)?))
        };
        missing.into_iter().map(wrap).collect()
    }

    /// Whether erasing these changes anything.
    pub(super) fn has_to_erase(&self, owners: &[i64]) -> Result<bool, Error> {
        let known = |owner: &&i64| self.wrapped.contains_key(owner) || self.erased.contains(owner);
        match owners.iter().find(|owner| !known(owner)) {
            Some(unknown) => Err(Error::UnknownOwner(*unknown)),
            None => Ok(owners.iter().any(|owner| self.wrapped.contains_key(owner))),
        }
    }

    pub(super) fn unwrap(&self, owner: i64) -> Result<Secret, Error> {
        match self.wrapped.get(&owner) {
            Some(wrapped) => Ok(self.kek.unwrap(&owner_place(owner, self.place()), wrapped)?),
            None if self.erased.contains(&owner) => Err(Error::Erased(owner)),
            None => Err(Error::UnknownOwner(owner)),
        }
    }

    pub(super) fn house(&self) -> Result<House, Error> {
        Ok(House::new(&self.house_secrets()?)?)
    }

    pub(super) fn render(&self) -> Result<Vec<u8>, Error> {
        Ok(format::render(&self.header, &self.erased, &self.wrapped)?)
    }

    /// `Some` when the file says what memory says.
    pub(super) fn check_same(&self, content: &Content) -> Option<()> {
        let same = content.header.generation == self.header.generation
            && content.header.root == self.header.root
            && content.header.house == self.header.house
            && content.erased == self.erased
            && content.wrapped == self.wrapped;
        same.then_some(())
    }

    pub(super) fn generation(&self) -> u64 {
        self.header.generation
    }

    pub(super) fn erased(&self) -> usize {
        self.erased.len()
    }

    pub(super) fn root(&self) -> &RootRecord {
        &self.header.root
    }

    fn place(&self) -> Generation<'_> {
        Generation { keyring: &self.keyring, number: self.header.generation }
    }

    fn house_secrets(&self) -> Result<[Secret; HOUSE.len()], Error> {
        let mut secrets = Vec::with_capacity(HOUSE.len());
        for (number, name) in HOUSE.iter().enumerate() {
            let text = self.header.house.get(*name).ok_or(Error::BadHeader)?;
            let wrapped = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::BadHeader)?;
            let wrapped = Wrapped::try_from(wrapped.as_slice()).map_err(|_| Error::BadHeader)?;
            secrets.push(self.kek.unwrap(&house_place(number, self.place()), &wrapped)?);
        }
        secrets.try_into().map_err(|_| Error::BadHeader)
    }
}

fn owner_place(owner: i64, generation: Generation<'_>) -> Aad {
    Aad::owner_key(owner, generation.number, generation.keyring)
}

fn house_place(number: usize, generation: Generation<'_>) -> Aad {
    Aad::house_key(number as u64, generation.number, generation.keyring)
}
